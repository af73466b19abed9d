"""Every estimator of scikit-learn that can predict or transform new rows converts, or stands on a list with the reason.

What each conversion is worth is proved by `python docs/coverage.py`, which fits, converts and proves them all.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import vajra_onnx.converters.sklearn
from vajra_onnx.converters import registry

DOCS = Path(__file__).parents[3] / "docs"
TABLE = runpy.run_path(str(DOCS / "estimators.py"))
ESTIMATORS: dict[str, type] = TABLE["estimators"]()
INFERENCE = ("predict", "transform", "score_samples", "kneighbors", "decision_function")


@pytest.fixture(scope="module")
def registered() -> frozenset[type]:
    package = vajra_onnx.converters.sklearn
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)
    return registry.registered()


def test_everything_converts_or_has_a_reason(registered: frozenset[type]) -> None:
    missing = {name for name, kind in ESTIMATORS.items() if kind not in registered}
    assert missing <= set(TABLE["EXCLUDED"])


def test_at_most_five_are_left_out() -> None:
    assert len(TABLE["EXCLUDED"]) <= 5


def test_what_has_no_inference_has_none() -> None:
    named = {name: kind for name, kind in TABLE["all_estimators"]() if name in TABLE["WITHOUT_INFERENCE"]}
    assert not [name for name, kind in named.items() if any(hasattr(kind, method) for method in INFERENCE)]


def test_page_names_every_estimator() -> None:
    shown = re.findall(r"^\| (\w+) \|", (DOCS / "coverage.md").read_text(), flags=re.MULTILINE)
    assert len([name for name in shown if name != "estimator"]) == len(set(shown) - {"estimator"})
    assert set(ESTIMATORS) | set(TABLE["WITHOUT_INFERENCE"]) & {name for name, _ in TABLE["all_estimators"]()} <= set(shown)
