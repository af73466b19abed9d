"""The ONNX operators, typed, at the version of the conversion's target: `ops.add(x, y)`, `ops.tree_ensemble(...)`.

Static checkers see ai.onnx 21 and ai.onnx.ml 5, the default target (`ops.pyi`). At run time a name resolves to the constructor
of the target's own version, and an operator that the target does not have yet is refused by name.
"""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType
from typing import Any

from ..errors import UnsupportedError
from .older import AXES_SINCE_18, axes_as_attribute
from .target import current


@cache
def _module(name: str) -> ModuleType:
    return importlib.import_module(f"spox.opset.{name}")


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        target = current()
    except LookupError:  # somebody who looks through all modules, as pickling does: there are no operators outside a conversion
        raise AttributeError(name) from None
    for domain, version in (("ai.onnx", target.opset), ("ai.onnx.ml", target.ml_opset)):
        constructor = getattr(_module(f"{domain}.v{version}"), name, None)
        if constructor is not None:
            older = target.opset < 18 and name in AXES_SINCE_18
            return axes_as_attribute(constructor) if older else constructor
    raise UnsupportedError(
        f"operator {name} does not exist at ai.onnx {target.opset} / ai.onnx.ml {target.ml_opset}",
        hint="convert with the default --target-opset, or mode='fast'",
    )
