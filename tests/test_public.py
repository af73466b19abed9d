"""The public names: there, documented, and imported only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import vajra_onnx

HEAVY = ["onnx", "spox", "sklearn", "xgboost", "pandas", "matplotlib", "jinja2", "scipy", "joblib", "rich"]


@pytest.mark.parametrize("name", [n for n in vajra_onnx.__all__ if not n.startswith("__")])
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(vajra_onnx, name)
    assert value.__doc__
    assert name in dir(vajra_onnx)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vajra_onnx.nothing  # noqa: B018


@pytest.mark.parametrize("module", ["runtime.session", "server.serve", "client", "artifact", "cli"])
def test_the_runtime_side_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, vajra_onnx.{module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
