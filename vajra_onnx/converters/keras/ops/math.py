"""keras.ops.math. Source: `keras.src.ops.math`."""

from __future__ import annotations

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor
from ..values import ints
from .numpy import floating


@operation("math", "Rsqrt")
def rsqrt(layer: Layer, x: Tensor) -> Tensor:
    """1 / sqrt(x)."""
    return x.masked(None).map(lambda var: ops.div(constant_like(var, 1), ops.sqrt(floating(var))))


@operation("math", "Logsumexp")
def log_sum_exp(layer: Layer, x: Tensor) -> Tensor:
    """log(sum(exp(x))) over some axes, never over the batch."""
    axis = layer.get("axis")
    axes = [] if axis is None else sorted(a % x.rank for a in ([axis] if isinstance(axis, int) else axis))
    if not axes or axes[0] == 0:
        raise UnsupportedError("logsumexp over the batch", got=repr(axis))
    return Tensor.of(ops.reduce_log_sum_exp(floating(x.var), ints(axes), keepdims=int(layer.get("keepdims", False))))
