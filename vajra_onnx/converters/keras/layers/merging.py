"""keras.layers.merging. Source: `keras.src.layers.merging`."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like, dtype_of
from ..backend import answers_as
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import alike, ints


@emits("Add")
def add(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """((a + b) + c) + ..."""
    return merged(layer, inputs, lambda parts: reduce(ops.add, parts))


@emits("Subtract")
def subtract(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """a - b."""
    return merged(layer, inputs, lambda parts: reduce(ops.sub, parts))


@emits("Multiply")
def multiply(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """((a * b) * c) * ..."""
    if any(x.mask is not None for x in inputs):  # Keras multiplies by 1 where a tensor is masked
        raise UnsupportedError("Multiply of masked tensors")
    return merged(layer, inputs, lambda parts: reduce(ops.mul, parts))


@emits("Average")
def average(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The sum, divided by how many there are."""
    return merged(layer, inputs, lambda parts: _divided(reduce(ops.add, parts), len(parts)))


def _divided(total: Var, count: int) -> Var:
    """Whole numbers meet in float32; TensorFlow's in float64, unless they have 16 bits or fewer."""
    dtype = dtype_of(total)
    if dtype.kind != "f":
        total = cast(total, np.float64 if answers_as("tensorflow") and dtype.itemsize > 2 else np.float32)
    return ops.div(total, constant_like(total, count))


@emits("Maximum")
def maximum(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The largest of each entry."""
    return merged(layer, inputs, lambda parts: ops.max(parts))


@emits("Minimum")
def minimum(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The smallest of each entry."""
    return merged(layer, inputs, lambda parts: ops.min(parts))


@emits("Concatenate")
def concatenate(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """Side by side along one axis."""
    axis: int = layer.get("axis", -1)
    return Tensor(*joined(alike(inputs), axis), mask=_joined_mask(inputs, axis))


def joined(inputs: list[Tensor], axis: int) -> tuple[Callable[[], Var], bool]:
    """The parts side by side, with channels first where any of them has them first; as arguments of a Tensor."""
    rank = inputs[0].rank
    first = any(x.first for x in inputs)
    place = Tensor.of(inputs[0].channels_first, first=True).axis(axis) if first else axis % rank
    return lambda: ops.concat([x.channels_first if first else x.var for x in inputs], axis=place), first


def _joined_mask(inputs: list[Tensor], axis: int) -> Var | None:
    """Along the time axis the masks side by side, along any other the steps that no part masks."""
    if all(x.mask is None for x in inputs):
        return None
    rank = inputs[0].rank
    if rank != 3:
        raise UnsupportedError("Concatenate of masked tensors", expected="three axes", got=f"{rank}")
    masks = [x.mask for x in inputs if x.mask is not None]
    if len(masks) < len(inputs):
        raise UnsupportedError("Concatenate of masked and unmasked tensors")
    if axis % rank == 1:
        return ops.concat(masks, axis=1)
    return reduce(ops.or_, masks)


def merged(layer: Layer, inputs: list[Tensor], function: Callable[[list[Var]], Var]) -> Tensor:
    """A function of several tensors, which get axes of size 1 after the first until all have the same number. The mask is where
    any of them is unmasked, and none where one has no mask."""
    parts = _numbers(layer, inputs)
    rank = max(x.rank for x in parts)
    masks = [x.mask for x in inputs]
    mask = None if any(m is None for m in masks) else reduce(ops.or_, [m for m in masks if m is not None])
    if all(x.rank == rank for x in parts) and any(x.first for x in parts):
        return Tensor(lambda: function([x.channels_first for x in parts]), first=True, mask=mask)
    return Tensor(lambda: function([_raised(x, rank) for x in parts]), mask=mask)


def _numbers(layer: Layer, inputs: list[Tensor]) -> list[Tensor]:
    parts = alike(inputs)
    if parts[0].dtype == np.bool_:
        raise UnsupportedError(f"{layer.class_name} of booleans", hint="cast them to int32 before")
    return parts


def _raised(x: Tensor, rank: int) -> Var:
    return x.var if x.rank == rank else ops.unsqueeze(x.var, ints(list(range(1, 1 + rank - x.rank))))


def _unit(x: Tensor, axis: int) -> Tensor:
    """Divided by its length along an axis, by 1e-7 at least."""
    length = ops.sqrt(ops.reduce_sum(ops.mul(x.var, x.var), ints(axis), keepdims=1))
    return Tensor.of(ops.div(x.var, ops.max([length, constant_like(x.var, 1e-7)])))


@emits("Dot")
def dot(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The product over one axis of each, row by row: of vectors a number, of matrices the matrix product."""
    a, b = _numbers(layer, inputs)
    if a.dtype.kind in "iu" and a.dtype.itemsize < 4:  # of which TensorFlow keeps 255 in one batch and the last 8 bits in another
        raise UnsupportedError(f"Dot of {a.dtype}", expected="32 bits or more", hint="cast them to int32 before")
    axes = layer.get("axes")
    first, second = [axes, axes] if isinstance(axes, int) else axes
    if layer.get("normalize", False):
        a, b = (_unit(x, axis % x.rank) for x, axis in ((a, first), (b, second)))
    if (a.rank, b.rank) == (2, 2):
        return Tensor.of(ops.reduce_sum(ops.mul(a.var, b.var), ints(1), keepdims=1))
    if (a.rank, b.rank) != (3, 3):
        raise UnsupportedError("Dot", expected="two vectors or two matrices per row", got=f"{a.rank} and {b.rank} axes")
    left = a.var if first % 3 == 2 else ops.transpose(a.var, perm=[0, 2, 1])
    right = b.var if second % 3 == 1 else ops.transpose(b.var, perm=[0, 2, 1])
    return Tensor.of(ops.matmul(left, right))
