"""Numbers beside tensors: constants in the right type, Keras' promotion of types, axes and shapes as constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.values import cast, constant, dtype_of
from .backend import answers_as
from .layer import Layer
from .tensor import Tensor, shape_of

# JAX has no numbers of 64 bits, unless it is told to.
NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32, np.dtype(np.uint64): np.uint32}


def ints(values: Sequence[int] | int) -> Var:
    """Axes or sizes as a constant int64 vector."""
    return constant(np.atleast_1d(np.asarray(values, np.int64)))


def pads_of(rank: int, axes: Sequence[int], before: Sequence[int], behind: Sequence[int]) -> Var:
    """How many entries a Pad puts before and behind, of all axes: where it names some alone, shape inference forgets the sizes of
    the others, and onnxruntime (1.32) moves a Transpose through it wrongly."""
    every = np.zeros((2, rank), np.int64)
    every[:, list(axes)] = before, behind
    return ints(every.ravel().tolist())


def floats(layer: Layer, x: Tensor) -> Tensor:
    """The tensor in the dtype in which a layer computes; no node where it has it."""
    if x.dtype == layer.dtype:
        return x
    return x.map(lambda var: cast(var, layer.dtype))


def promoted(*values: Any) -> list[Var]:
    """Tensors and numbers in their common type, as `keras.backend.result_type`: Python's numbers are weak, integers and floats
    meet in the float's own type, or in float32 where it is a Python float. Raises UnsupportedError for text among numbers."""
    values = tuple(_of_list(value) for value in values)
    kinds = [value.dtype for value in values if isinstance(value, Tensor | np.ndarray | np.generic)]
    common = _common(kinds) if kinds else np.dtype(np.int32 if any(type(v) is int for v in values) else np.bool_)
    if any(isinstance(v, float) for v in values) and common.kind in "iub":
        common = np.dtype(np.float32)
    if any(isinstance(v, int) and not isinstance(v, bool) for v in values) and common.kind == "b":
        common = np.dtype(np.int32)
    return [cast(v.var, common) if isinstance(v, Tensor) else constant(_number(v, common), common) for v in values]


def _of_list(value: Any) -> Any:
    """A list of numbers as the array that Keras makes of it."""
    if not isinstance(value, list | tuple):
        return value
    array = np.asarray(value)
    return array.astype({"f": np.float32, "i": np.int32}.get(array.dtype.kind, array.dtype))


def alike(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors in their common type, each in its own layout; integers stay integers."""
    common = _common([x.dtype for x in tensors])
    return [x if x.dtype == common else x.map(lambda var: cast(var, common)) for x in tensors]


def in_floats(var: Var, function: Callable[[Var], Var]) -> Var:
    """A function that picks numbers, of integers by way of float64, which holds all of 32 bits and which ONNX Runtime's kernels
    take. Raises UnsupportedError for 64 bits."""
    dtype = dtype_of(var)
    if dtype.kind == "f":
        return function(var)
    if dtype.itemsize > 4:
        raise UnsupportedError(f"windows of {dtype}", expected="32 bits at most", hint="cast to int32 or float32 before")
    return cast(function(cast(var, np.float64)), dtype)


def _common(kinds: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    if any(kind.kind not in "fiub" for kind in kinds):
        raise UnsupportedError("arithmetic of text")
    found = [kind for kind in kinds if kind.kind == "f"]
    common = np.result_type(*(found or kinds))
    return np.dtype(NARROW.get(common, common)) if answers_as("jax") else common


def _number(value: Any, common: np.dtype[Any]) -> Any:
    if isinstance(value, int) and common.kind in "iu" and not np.iinfo(common).min <= value <= np.iinfo(common).max:
        raise UnsupportedError("operand", expected=f"a number that {common} has", got=repr(value))
    if isinstance(value, bool | int | float | np.ndarray | np.generic):
        return value
    raise UnsupportedError("operand", expected="a tensor or a number", got=repr(value)[:60])


def scaled(var: Var, scale: np.ndarray, offset: np.ndarray, axis: int) -> Var:
    """var * scale + offset along one axis, where either may have no effect."""
    shape = [1] * len(shape_of(var))
    shape[axis] = -1
    if (scale != 1).any():
        var = ops.mul(var, constant(scale.reshape(shape), dtype_of(var)))
    return ops.add(var, constant(offset.reshape(shape), dtype_of(var))) if (offset != 0).any() else var


def channels_axis(layer: Layer, x: Tensor) -> int:
    """Where a layer with a `data_format` has its channels: the last axis, or 1."""
    layer.only("data_format", "channels_last", "channels_first")
    return 1 if layer.get("data_format", "channels_last") == "channels_first" else x.rank - 1


def spatial(layer: Layer, x: Tensor) -> tuple[Var, bool]:
    """The variable with channels first, and whether the original has them last: `Tensor.of(result, first=last)`."""
    last = channels_axis(layer, x) != 1 or x.rank == 2
    return (x.channels_first, True) if last else (x.var, False)
