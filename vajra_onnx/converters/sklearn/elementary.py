"""numpy's elementary functions for which ONNX Runtime has no kernel in float64, or one that is not exact enough."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.values import cast, constant_like, dtype_of
from .special import expm1, log1p

# Above, exp is near infinity; and numbers whose squares have no digit left of a 1 beside them.
EXPONENT = {np.dtype(np.float64): 700.0, np.dtype(np.float32): 88.0}
HUGE = 1e9


def tanh(x: Var) -> Var:
    """In float64: ONNX Runtime's tanh of float32 loses digits near 0."""
    return cast(ops.tanh(cast(x, working(np.float64))), dtype_of(x))


def sinh(x: Var) -> Var:
    """(e + e / (e + 1)) / 2 with e = exp(|x|) - 1, with the sign of x; where that is infinite, exp(|x| / 2) ** 2 / 2."""
    one, half = constant_like(x, 1.0), constant_like(x, 0.5)
    size = ops.abs(x)
    e = expm1(size)
    ordinary = ops.mul(half, ops.add(e, ops.div(e, ops.add(e, one))))
    return ops.mul(_sign(x), ops.where(ops.greater(size, constant_like(x, EXPONENT[dtype_of(x)])), _half_exp(size), ordinary))


def cosh(x: Var) -> Var:
    """(exp(x) + exp(-x)) / 2."""
    half, size = constant_like(x, 0.5), ops.abs(x)
    ordinary = ops.mul(half, ops.add(ops.exp(size), ops.exp(ops.neg(size))))
    return ops.where(ops.greater(size, constant_like(x, EXPONENT[dtype_of(x)])), _half_exp(size), ordinary)


def arcsinh(x: Var) -> Var:
    """log(|x| + sqrt(x * x + 1)) without losing the digits of a small x, and without the square of a huge one."""
    one, size = constant_like(x, 1.0), ops.abs(x)
    huge = ops.greater(size, constant_like(x, HUGE))
    near = ops.where(huge, one, size)
    square = ops.mul(near, near)
    small = log1p(ops.add(near, ops.div(square, ops.add(one, ops.sqrt(ops.add(square, one))))))
    return ops.mul(_sign(x), ops.where(huge, ops.add(ops.log(size), constant_like(x, np.log(2.0))), small))


def arctanh(x: Var) -> Var:
    """log1p(2 |x| / (1 - |x|)) / 2, with the sign of x."""
    one, size = constant_like(x, 1.0), ops.abs(x)
    half, two = constant_like(x, 0.5), constant_like(x, 2.0)
    return ops.mul(_sign(x), ops.mul(half, log1p(ops.div(ops.mul(two, size), ops.sub(one, size)))))


def cbrt(x: Var) -> Var:
    """A power of |x|, made exact by a step of Newton's, with the sign of x."""
    size = ops.abs(x)
    root = ops.pow(size, constant_like(x, 1.0 / 3.0))
    excess = ops.sub(ops.mul(ops.mul(root, root), root), size)
    better = ops.sub(root, ops.div(excess, ops.mul(constant_like(x, 3.0), ops.mul(root, root))))
    plain = ops.or_(ops.equal(size, constant_like(x, 0.0)), ops.or_(ops.isinf(size), ops.isnan(better)))
    return ops.mul(_sign(x), ops.where(plain, root, better))


def _half_exp(x: Var) -> Var:
    """exp(x) / 2, where exp(x) itself may be infinite."""
    root = ops.exp(ops.mul(x, constant_like(x, 0.5)))
    return ops.mul(ops.mul(root, constant_like(x, 0.5)), root)


def _sign(x: Var) -> Var:
    """-1 for negative numbers, else 1: sign(0) would turn what is not a number there into one."""
    return ops.where(ops.less(x, constant_like(x, 0.0)), constant_like(x, -1.0), constant_like(x, 1.0))
