"""keras.layers.merging. Source: `keras.src.layers.merging`."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of
from ..backend import answers_as
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor, moved, shape_of
from ..values import alike, floats, ints


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
    """((a * b) * c) * ..., where masked steps count as 1, and are 0 where all of them are masked."""
    if all(x.mask is None for x in inputs):
        return merged(layer, inputs, lambda parts: reduce(ops.mul, parts))
    filled = [x if (kept := _kept(x)) is None else _other(floats(layer, x), kept, 1.0) for x in inputs]
    result = merged(layer, filled, lambda parts: reduce(ops.mul, parts))
    return result if result.mask is None else _other(result, ops.unsqueeze(result.mask, ints(2)), 0.0)


def _kept(x: Tensor) -> Var | None:
    """The mask of a tensor [N, T, F] beside its entries, [N, T, 1]."""
    if x.mask is not None and x.rank != 3:
        raise UnsupportedError("merging of masked tensors", expected="three axes", got=f"{x.rank}")
    return None if x.mask is None else ops.unsqueeze(x.mask, ints(2))


def _other(x: Tensor, kept: Var, value: float) -> Tensor:
    """A number in place of what is masked."""
    return Tensor.of(ops.where(kept, x.var, constant_like(x.var, value)), mask=x.mask)


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
    return _extreme(layer, inputs, ops.max)


@emits("Minimum")
def minimum(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The smallest of each entry."""
    return _extreme(layer, inputs, ops.min)


def _extreme(layer: Layer, inputs: list[Tensor], function: Callable[[list[Var]], Var]) -> Tensor:
    """One after the other; what is masked in one of them is the other's, as long as both have masks or are the first."""
    if all(x.mask is None for x in inputs):
        return merged(layer, inputs, function)
    (result, mask), *others = [(floats(layer, x).var, _kept(x)) for x in inputs]
    for var, kept in others:
        var = var if kept is None else ops.where(kept, var, result)
        result = result if mask is None else ops.where(mask, result, var)
        mask = None if mask is None or kept is None else ops.or_(mask, kept)
        result = function([result, var])
    return Tensor.of(result, mask=None if mask is None else ops.squeeze(mask, ints(2)))


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
    masks = [_steps(x) if x.mask is None else x.mask for x in inputs]
    if axis % rank == 1:
        return ops.concat(masks, axis=1)
    return reduce(ops.or_, masks)


def _steps(x: Tensor) -> Var:
    """The mask of a tensor that has none: every step counts, [N, T]."""
    return ops.expand(constant(True), ops.shape(x.var, end=2))


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


@emits("Dot")
def dot(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The products over one axis of each, row by row: of vectors a number, of matrices the matrix product, of more axes all those
    that are left, first of the one, then of the other."""
    axes = layer.get("axes")
    tensors = _numbers(layer, inputs)
    dtype = tensors[0].dtype
    if dtype.kind in "iu" and dtype.itemsize < 4:  # of which TensorFlow keeps 255 in one batch and the last 8 bits in another
        raise UnsupportedError(f"Dot of {dtype}", expected="32 bits or more", hint="cast them to int32 before")
    places = [a % x.rank for a, x in zip([axes, axes] if isinstance(axes, int) else axes, tensors, strict=True)]
    a, b = (x.var for x in tensors)
    if layer.get("normalize", False):
        a, b = (_unit(var, place) for var, place in zip((a, b), places, strict=True))
    if [x.rank for x in tensors] == [2, 2]:
        return Tensor.of(ops.reduce_sum(ops.mul(a, b), ints(1), keepdims=1))
    a, b = moved(a, places[0], -1), moved(b, places[1], 1)
    free = [shape_of(a)[1:-1], shape_of(b)[2:]]
    if any(len(sizes) != 1 and None in sizes for sizes in free):
        raise UnsupportedError("Dot of tensors whose sizes are not fixed", got=" and ".join(str(x.shape) for x in tensors))
    left, right = (
        var if len(sizes) == 1 else ops.reshape(var, ints(shape))
        for var, sizes, shape in (
            (a, free[0], [0, math.prod(int(n or 0) for n in free[0]), int(shape_of(a)[-1] or -1)]),
            (b, free[1], [0, int(shape_of(b)[1] or -1), math.prod(int(n or 0) for n in free[1])]),
        )
    )
    product = ops.matmul(left, right)
    if [len(sizes) for sizes in free] == [1, 1]:
        return Tensor.of(product)
    sizes = [n if n is not None else -1 for n in (*free[0], *free[1])]
    return Tensor.of(ops.reshape(product, ints([0 if -1 in sizes else -1, *sizes])))


def _unit(x: Var, axis: int) -> Var:
    """x / |x| along an axis, 1 / |x| at most 1e7."""
    squares = ops.reduce_sum(ops.mul(x, x), ints(axis), keepdims=1)
    return ops.mul(x, ops.min([ops.reciprocal(ops.sqrt(squares)), constant_like(x, 1e7)]))
