"""Functions of floats that ONNX has not, or not as close to the truth as Keras' backends compute them."""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import cast, constant_like, dtype_of
from ..backend import answers_as


def flushed(x: Var) -> Var:
    """Floats below the smallest normal number as 0, which is what they are to TensorFlow and JAX wherever they compare or round:
    a step that is padded with zeros stays one when a zero is moved by an ulp."""
    if dtype_of(x).kind != "f" or answers_as("torch"):
        return x
    small = ops.less(ops.abs(x), constant_like(x, np.finfo(dtype_of(x)).tiny))
    return ops.where(small, constant_like(x, 0.0), x)


def floating(var: Var) -> Var:
    """Floats as they are, everything else as float32."""
    return var if dtype_of(var).kind == "f" else cast(var, np.float32)


def expm1(x: Var) -> Var:
    """exp(x) - 1, which near 0 has as many digits as x: tanh(x / 2) * (exp(x) + 1)."""
    half, one = constant_like(x, 0.5), constant_like(x, 1.0)
    return ops.mul(ops.tanh(ops.mul(x, half)), ops.add(ops.exp(x), one))


def log1p(x: Var) -> Var:
    """log(1 + x), which near 0 has as many digits as x: log(u) * x / (u - 1) for the u = 1 + x that a float holds."""
    one = constant_like(x, 1.0)
    u = ops.add(x, one)
    less = ops.sub(u, one)
    plain = ops.or_(ops.equal(less, constant_like(x, 0.0)), ops.isinf(x))
    near = ops.where(ops.equal(less, constant_like(x, 0.0)), x, u)
    return ops.where(plain, near, ops.div(ops.mul(ops.log(u), x), ops.where(plain, one, less)))


def cbrt(x: Var) -> Var:
    """The cubic root, negative below 0, as TensorFlow has it."""
    return ops.mul(ops.sign(x), ops.pow(ops.abs(x), constant_like(x, 1.0 / 3.0)))


def sinc(x: Var) -> Var:
    """sin(pi x) / (pi x), and 1 at 0."""
    scaled = ops.mul(x, constant_like(x, np.pi))
    return ops.where(ops.equal(x, constant_like(x, 0.0)), constant_like(x, 1.0), ops.div(ops.sin(scaled), scaled))


def is_negative(x: Var) -> Var:
    """Whether the sign of a float is negative, that of -0 included."""
    zero = constant_like(x, 0.0)
    return ops.or_(ops.less(x, zero), is_negative_zero(x))


def is_negative_zero(x: Var) -> Var:
    """Whether a float is -0."""
    zero = constant_like(x, 0.0)
    return ops.and_(ops.equal(x, zero), ops.less(ops.reciprocal(x), zero))


def is_finite(x: Var) -> Var:
    """Whether a float is neither NaN nor infinite."""
    return ops.equal(ops.sub(x, x), constant_like(x, 0.0))


def arctan2(y: Var, x: Var) -> Var:
    """The angle of (x, y) in (-pi, pi], with the signs of zeros and among infinities."""
    high, wide = ops.abs(y), ops.abs(x)
    ratio = ops.div(high, wide)
    ratio = ops.where(ops.and_(ops.isinf(y), ops.isinf(x)), constant_like(x, 1.0), ratio)
    origin = ops.equal(ops.add(high, wide), constant_like(x, 0.0))
    angle = ops.where(origin, constant_like(x, 0.0), ops.atan(ratio))
    angle = ops.where(is_negative(x), ops.sub(constant_like(x, np.pi), angle), angle)
    return ops.where(is_negative(y), ops.neg(angle), angle)


def log_add_exp(a: Var, b: Var) -> Var:
    """log(exp(a) + exp(b)) without their overflow."""
    apart = ops.sub(a, b)
    near = ops.add(ops.max([a, b]), log1p(ops.exp(ops.neg(ops.abs(apart)))))
    return ops.where(ops.isnan(apart), ops.add(a, b), near)
