"""Operations on two operands, tensors and numbers alike: `x + 3` is the call `Add(x, 3.0)` in the file. They meet in their common
type. Source: `keras.src.ops.numpy`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.refuse import refuse_where
from ....graph.values import cast, constant, constant_like, dtype_of
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor
from ..values import ints, promoted
from .accurate import arctan2, floating, flushed, log_add_exp

BINARY: dict[str, Callable[[Var, Var], Var]] = {
    "Add": lambda a, b: ops.add(a, b),
    "Subtract": lambda a, b: ops.sub(a, b),
    "Multiply": lambda a, b: ops.mul(a, b),
    "Maximum": lambda a, b: ops.max([a, b]),
    "Minimum": lambda a, b: ops.min([a, b]),
    "Power": lambda a, b: ops.pow(a, b),
    "Greater": lambda a, b: ops.greater(a, b),
    "GreaterEqual": lambda a, b: ops.greater_or_equal(a, b),
    "Less": lambda a, b: ops.less(a, b),
    "LessEqual": lambda a, b: ops.less_or_equal(a, b),
    "Equal": lambda a, b: ops.equal(a, b),
    "NotEqual": lambda a, b: ops.not_(ops.equal(a, b)),
    "BitwiseAnd": lambda a, b: ops.bitwise_and(a, b),
    "BitwiseOr": lambda a, b: ops.bitwise_or(a, b),
    "BitwiseXor": lambda a, b: ops.bitwise_xor(a, b),
}
COMPARISONS = ("Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual")
# What booleans are to it: for TensorFlow their sum is "or", their product "and".
OF_BOOLEANS: dict[str, Callable[[Var, Var], Var]] = {
    "Add": lambda a, b: ops.or_(a, b),
    "Maximum": lambda a, b: ops.or_(a, b),
    "Multiply": lambda a, b: ops.and_(a, b),
    "Minimum": lambda a, b: ops.and_(a, b),
    "BitwiseAnd": lambda a, b: ops.and_(a, b),
    "BitwiseOr": lambda a, b: ops.or_(a, b),
    "BitwiseXor": lambda a, b: ops.xor(a, b),
    "Equal": lambda a, b: ops.equal(a, b),
    "NotEqual": lambda a, b: ops.xor(a, b),
}
LOGICAL: dict[str, Callable[[Var, Var], Var]] = {
    "LogicalAnd": lambda a, b: ops.and_(a, b),
    "LogicalOr": lambda a, b: ops.or_(a, b),
    "LogicalXor": lambda a, b: ops.xor(a, b),
}
IN_FLOATS: dict[str, Callable[[Var, Var], Var]] = {
    "Divide": lambda a, b: ops.div(a, b),
    "TrueDivide": lambda a, b: ops.div(a, b),
    "DivideNoNan": lambda a, b: _divided_no_nan(a, b),
    "Arctan2": arctan2,
    "Hypot": lambda a, b: _hypotenuse(a, b),
    "Logaddexp": log_add_exp,
}


@operation("numpy", *BINARY)
def binary(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """Of two tensors, or of a tensor and a number."""
    name = layer.class_name
    near = name in COMPARISONS and not any(np.ndim(v) == 0 and v != 0 for v in (x1, x2) if isinstance(v, int | float))

    def function(a: Var, b: Var) -> Var:
        if dtype_of(a).kind != "b":
            return BINARY[name](*(flushed(v) if near and isinstance(x, Tensor) else v for v, x in ((a, x1), (b, x2))))
        if name not in OF_BOOLEANS:
            raise UnsupportedError(f"{name} of booleans", hint="cast them to integers or floats before")
        return OF_BOOLEANS[name](a, b)

    if name in ("Equal", "NotEqual"):
        return paired(function, x1, x2, text=True)
    return paired(function, x1, x2)


@operation("numpy", *LOGICAL)
def logical(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """Of booleans, or of what is not 0."""
    return paired(lambda a, b: LOGICAL[layer.class_name](cast(flushed(a), np.bool_), cast(flushed(b), np.bool_)), x1, x2)


@operation("numpy", *IN_FLOATS)
def in_floats(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """In floats, whatever comes in."""

    def function(a: Var, b: Var) -> Var:
        if dtype_of(a) in (np.int64, np.float64) and layer.class_name in ("Arctan2", "Hypot"):
            raise UnsupportedError(f"{layer.class_name} of {dtype_of(a)}", expected="float32", hint="cast both to float32 before")
        return IN_FLOATS[layer.class_name](floating(a), floating(b))

    return paired(function, x1, x2)


@operation("numpy", "Fmax", "Fmin")
def ignoring_nan(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The larger or the smaller, the other one where one is NaN."""
    function = BINARY["Maximum" if layer.class_name == "Fmax" else "Minimum"]

    def either(a: Var, b: Var) -> Var:
        if dtype_of(a).kind != "f":
            return function(a, b)
        return ops.where(ops.isnan(a), b, ops.where(ops.isnan(b), a, function(a, b)))

    return paired(either, x1, x2)


@operation("numpy", "Mod", "FloorDivide")
def floored(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The quotient rounded down, or what is left then, which has the sign of the divisor."""
    whole = layer.class_name == "FloorDivide"

    def function(a: Var, b: Var) -> Var:
        if dtype_of(a).kind == "f":
            return ops.floor(flushed(ops.div(a, b))) if whole else _modulo(a, b)
        kind = np.int32 if dtype_of(a).kind == "b" else dtype_of(a)
        a, b = cast(a, np.int64), cast(b, np.int64)  # where the smallest number may be divided by -1
        rest = ops.mod(a, b, fmod=0)
        return cast(ops.div(ops.sub(a, rest), b) if whole else rest, kind)

    return paired(function, x1, _divisor(x1, x2))


@operation("numpy", "Fmod")
def fmod(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """What is left of a quotient rounded towards 0, which has the sign of the dividend."""

    def function(a: Var, b: Var) -> Var:
        if dtype_of(a).kind == "f":
            return ops.mod(a, b, fmod=1)
        kind = np.int32 if dtype_of(a).kind == "b" else dtype_of(a)
        return cast(ops.mod(cast(a, np.int64), cast(b, np.int64), fmod=1), kind)

    return paired(function, x1, _divisor(x1, x2))


@operation("numpy", "Heaviside")
def heaviside(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """0 below 0, 1 above, x2 at 0."""

    def function(a: Var, b: Var) -> Var:
        zero, one = constant_like(a, 0.0), constant_like(a, 1.0)
        return ops.where(ops.less(a, zero), zero, ops.where(ops.greater(a, zero), one, b))

    def in_floats(a: Var, b: Var) -> Var:
        wide = dtype_of(a) == np.int64
        return function(*(cast(v, np.float64) if wide else floating(v) for v in (a, b)))

    return paired(in_floats, x1, x2)


@operation("numpy", "Isclose")
def is_close(layer: Layer, x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Tensor:
    """Whether |x1 - x2| is at most atol + rtol * |x2|; whether they are equal, of integers."""
    layer.only("equal_nan", False)

    def function(a: Var, b: Var) -> Var:
        if dtype_of(a).kind != "f":
            return ops.equal(a, b)
        limit = ops.add(constant_like(a, atol), ops.mul(constant_like(a, rtol), ops.abs(b)))
        return ops.less_or_equal(ops.abs(ops.sub(a, b)), limit)

    return paired(function, x1, x2)


@operation("numpy", "IsIn")
def is_in(layer: Layer, x1: Tensor, x2: Any) -> Tensor:
    """Whether each element is one of some numbers."""
    layer.ignore("assume_unique")
    if isinstance(x2, Tensor):
        raise UnsupportedError("isin", expected="numbers that do not depend on the input", got="a tensor")
    a, b = promoted(x1, np.ravel(x2))
    found = ops.equal(ops.unsqueeze(a, ints(-1)), b)
    some = cast(ops.reduce_max(cast(found, np.int32), ints(-1), keepdims=0), np.bool_)
    return Tensor.of(ops.not_(some) if layer.get("invert", False) else some)


def paired(function: Callable[[Var, Var], Var], x1: Any, x2: Any, *, text: bool = False) -> Tensor:
    """A function of two operands, with channels first where both are tensors of one rank, or where the other is a number.
    text: it may be one of text, too."""
    if text and any(isinstance(v, Tensor) and v.dtype.kind == "U" for v in (x1, x2)):
        return Tensor.of(function(*(v.var if isinstance(v, Tensor) else constant(v) for v in (x1, x2))))
    tensors = [v for v in (x1, x2) if isinstance(v, Tensor)]
    first = any(t.first for t in tensors)
    alike = len({t.rank for t in tensors}) == 1 and (len(tensors) == 2 or np.ndim(x1 if tensors[0] is x2 else x2) == 0)
    if not first or not alike:
        return Tensor.of(function(*promoted(x1, x2)))
    moved = [Tensor.of(v.channels_first) if isinstance(v, Tensor) else v for v in (x1, x2)]
    return Tensor.of(function(*promoted(*moved)), first=True)


def _divided_no_nan(a: Var, b: Var) -> Var:
    """0 where the divisor is 0."""
    zero = ops.equal(b, constant_like(b, 0.0))
    return ops.where(zero, constant_like(a, 0.0), ops.div(a, ops.where(zero, constant_like(b, 1.0), b)))


def _hypotenuse(a: Var, b: Var) -> Var:
    """sqrt(a^2 + b^2) without the overflow of the squares."""
    a, b = ops.abs(a), ops.abs(b)
    most, least = ops.max([a, b]), ops.min([a, b])
    ratio = _divided_no_nan(least, most)
    return ops.mul(most, ops.sqrt(ops.add(constant_like(a, 1.0), ops.mul(ratio, ratio))))


def _modulo(a: Var, b: Var) -> Var:
    """The rest with the sign of the divisor; ONNX' has that of the dividend."""
    rest, zero = ops.mod(a, b, fmod=1), constant_like(a, 0.0)
    other = ops.xor(ops.less(rest, zero), ops.less(b, zero))
    wrong = ops.and_(ops.not_(ops.equal(rest, zero)), other)
    return ops.where(wrong, ops.add(rest, b), rest)


def _divisor(x1: Any, x2: Any) -> Any:
    """What integers are divided by: a 0 among tensors is refused by the graph, as Keras refuses it; among numbers, here."""
    kinds = [v.dtype.kind if isinstance(v, Tensor | np.ndarray | np.generic) else np.asarray(v).dtype.kind for v in (x1, x2)]
    if "f" in kinds:
        return x2
    if not isinstance(x2, Tensor):
        if not np.all(x2):
            raise UnsupportedError("integers divided by 0")
        return x2
    if x2.dtype == np.int64:
        raise UnsupportedError("int64 divided by a tensor", hint="cast both to int32 or float32 before")
    return x2.map(lambda var: refuse_where(var, ops.equal(var, constant_like(var, 0)), "an integer divided by 0"))
