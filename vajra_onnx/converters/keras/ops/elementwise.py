"""Operations on one tensor, element by element. Source: `keras.src.ops.numpy`, `keras.src.ops.math`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor
from .accurate import cbrt, expm1, floating, flushed, is_finite, is_negative, log1p, sinc

# In the type that comes in.
KEPT: dict[str, Callable[[Var], Var]] = {
    "Negative": lambda x: ops.neg(x),
    "Absolute": lambda x: ops.abs(x),
    "Abs": lambda x: ops.abs(x),
    "Square": lambda x: ops.mul(x, x),
    "Sign": lambda x: ops.sign(x),
}
FLOATING: dict[str, Callable[[Var], Var]] = {
    "Sqrt": lambda x: ops.sqrt(x),
    "Rsqrt": lambda x: ops.div(constant_like(x, 1.0), ops.sqrt(x)),
    "Exp": lambda x: ops.exp(x),
    "Exp2": lambda x: ops.pow(constant_like(x, 2.0), x),
    "Expm1": expm1,
    "Log": lambda x: ops.log(x),
    "Log1p": log1p,
    "Log2": lambda x: ops.div(ops.log(x), constant_like(x, np.log(2))),
    "Log10": lambda x: ops.div(ops.log(x), constant_like(x, np.log(10))),
    "Sin": lambda x: ops.sin(x),
    "Cos": lambda x: ops.cos(x),
    "Tan": lambda x: ops.tan(x),
    "Sinh": lambda x: ops.sinh(x),
    "Cosh": lambda x: ops.cosh(x),
    "Tanh": lambda x: ops.tanh(x),
    "Arcsin": lambda x: ops.asin(x),
    "Arccos": lambda x: ops.acos(x),
    "Arctan": lambda x: ops.atan(x),
    "Arcsinh": lambda x: ops.asinh(x),
    "Arccosh": lambda x: ops.acosh(x),
    "Arctanh": lambda x: ops.atanh(x),
    "Reciprocal": lambda x: ops.reciprocal(x),
    "Floor": lambda x: ops.floor(flushed(x)),
    "Ceil": lambda x: ops.ceil(flushed(x)),
    "Cbrt": cbrt,
    "Sinc": sinc,
    "Deg2rad": lambda x: ops.mul(x, constant_like(x, np.pi / 180)),
    "Rad2deg": lambda x: ops.mul(x, constant_like(x, 180 / np.pi)),
    "Fabs": lambda x: ops.abs(x),
    "Erf": lambda x: ops.erf(x),
    "Erfc": lambda x: ops.sub(constant_like(x, 1.0), ops.erf(x)),
    "Isnan": lambda x: ops.isnan(x),
    "Isinf": lambda x: ops.isinf(x),
    "Isposinf": lambda x: ops.isinf(x, detect_negative=0),
    "Isneginf": lambda x: ops.isinf(x, detect_positive=0),
    "Isfinite": is_finite,
    "Signbit": is_negative,
}


@operation("numpy", *KEPT)
def kept(layer: Layer, x: Tensor) -> Tensor:
    """In the type that it has; booleans are squared as integers, and are their own absolute value."""
    if x.dtype.kind == "b" and layer.class_name in ("Abs", "Absolute"):
        return x
    if x.dtype.kind == "b" and layer.class_name == "Square":
        return x.map(lambda var: cast(var, np.int32))
    return x.map(KEPT[layer.class_name])


# What onnxruntime computes in float32 alone, and what Keras computes of int64 in float64.
NARROW = ("Tan", "Sinh", "Cosh", "Arcsin", "Arccos", "Arctan", "Arcsinh", "Arccosh", "Arctanh", "Erf", "Erfc")
WIDE = ("Cbrt", "Deg2rad", "Rad2deg")


@operation("numpy", *FLOATING)
@operation("math", "Rsqrt", "Erf", "Erfc")
def in_floats(layer: Layer, x: Tensor) -> Tensor:
    """In floats, whatever comes in."""
    name = layer.class_name
    if x.dtype == np.float64 and name in NARROW:
        raise UnsupportedError(f"{name} of float64", expected="float32", hint="cast it to float32 before")
    if x.dtype == np.int64 and name in WIDE:
        return x.map(lambda var: FLOATING[name](cast(var, np.float64)))
    return x.map(lambda var: FLOATING[name](floating(var)))


@operation("numpy", "Copy", "Conj", "Conjugate", "Real", kind="moves")
def same(layer: Layer, x: Tensor) -> Tensor:
    """Nothing, of real numbers."""
    return x


@operation("numpy", "LogicalNot")
def logical_not(layer: Layer, x: Tensor) -> Tensor:
    """Of booleans, or of what is not 0."""
    return x.map(lambda var: ops.not_(cast(flushed(var), np.bool_)))


@operation("numpy", "BitwiseNot", "BitwiseInvert")
def bitwise_not(layer: Layer, x: Tensor) -> Tensor:
    """Every bit turned over."""
    return x.map(lambda var: ops.bitwise_not(var))


@operation("numpy", "Trunc")
def truncated(layer: Layer, x: Tensor) -> Tensor:
    """Towards 0."""
    if x.dtype.kind != "f":
        return x
    return x.map(lambda var: ops.where(ops.less(var, constant_like(var, 0.0)), ops.ceil(var), ops.floor(var)))


@operation("numpy", "Round")
def rounded(layer: Layer, x: Tensor) -> Tensor:
    """To even, after so many decimal places."""
    decimals = int(layer.get("decimals", 0))
    if x.dtype.kind != "f" and decimals >= 0:
        return x
    kind, factor = x.dtype, 10.0**decimals

    def moved(var: Var) -> Var:
        return ops.round(var) if decimals == 0 else ops.div(ops.round(ops.mul(var, by := constant_like(var, factor))), by)

    return x.map(lambda var: cast(moved(floating(var)), kind))


@operation("numpy", "NanToNum")
def nan_to_num(layer: Layer, x: Tensor) -> Tensor:
    """NaN and the infinities as numbers; by default 0, and the largest that there are."""
    values = [layer.get("nan", 0.0), layer.get("posinf"), layer.get("neginf")]
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    nan, above, below = (v if v is not None else d for v, d in zip(values, (0.0, limits.max, limits.min), strict=True))

    def replaced(var: Var) -> Var:
        var = ops.where(ops.isnan(var), constant_like(var, nan), var)
        var = ops.where(ops.isinf(var, detect_negative=0), constant_like(var, above), var)
        return ops.where(ops.isinf(var, detect_positive=0), constant_like(var, below), var)

    return x.map(replaced)


@operation("numpy", "Clip")
def clip(layer: Layer, x: Tensor) -> Tensor:
    """Between two numbers."""
    low, high = layer.get("x_min"), layer.get("x_max")
    if not all(isinstance(v, int | float) for v in (low, high)):
        raise UnsupportedError("clip", expected="between two numbers", got=f"between {low!r} and {high!r}"[:80])
    kind = np.dtype(np.int32) if x.dtype.kind == "b" else x.dtype
    return x.map(lambda var: ops.clip(cast(var, kind), *(constant_like(cast(var, kind), v) for v in (low, high))))


@operation("numpy", "OnesLike", "ZerosLike")
def filled_like(layer: Layer, x: Tensor) -> Tensor:
    """Ones or zeros of its shape."""
    return _filled(layer, x, float(layer.class_name == "OnesLike"))


@operation("numpy", "FullLike")
def full_like(layer: Layer, x: Tensor, fill_value: object) -> Tensor:
    """One number in its shape."""
    if not isinstance(fill_value, int | float):
        raise UnsupportedError("full_like", expected="a number", got=repr(fill_value)[:60])
    return _filled(layer, x, fill_value)


def _filled(layer: Layer, x: Tensor, value: float) -> Tensor:
    kind = np.dtype(layer.get("dtype") or x.dtype)
    return x.map(lambda var: ops.expand(constant_like(cast(var, kind), value), ops.shape(var)))


@operation("nn", "Threshold")
def threshold(layer: Layer, x: Tensor) -> Tensor:
    """x above a threshold, another number elsewhere."""
    limit, other = layer.get("threshold"), layer.get("default_value")
    if x.dtype.kind != "f":
        raise UnsupportedError(f"threshold of {x.dtype}", expected="floats", hint="cast it to float32 before")
    return x.map(lambda var: ops.where(ops.greater(var, constant_like(var, limit)), var, constant_like(var, other)))
