"""Operators whose arguments changed: today's form of the call, built for an older opset."""

from __future__ import annotations

from collections.abc import Callable

from spox import Var

from .target import current

# Their axes were an attribute until ai.onnx 18 made them an input; ReduceSum had changed at 13.
AXES_SINCE_18 = frozenset(
    f"reduce_{name}" for name in ("l1", "l2", "log_sum", "log_sum_exp", "max", "mean", "min", "prod", "sum_square")
)


def axes_as_attribute(constructor: Callable[..., Var]) -> Callable[..., Var]:
    """The reduction with its axes as a constant input, as since ai.onnx 18, for a constructor that takes an attribute."""

    def reduction(data: Var, axes: Var | None = None, *, keepdims: int = 1) -> Var:
        numbers = None if axes is None else current().known[id(axes)][1].tolist()
        return constructor(data, axes=numbers, keepdims=keepdims)

    return reduction
