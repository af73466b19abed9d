"""Tensors side by side, and apart again. Source: `keras.src.ops.numpy`, `keras.src.ops.core`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant, dtype_of
from ..emit import operation
from ..layer import Layer
from ..layers.merging import joined
from ..tensor import Tensor, over_batch, shape_of
from ..values import ints, promoted

FAR = np.iinfo(np.int64).max


@operation("numpy", "Concatenate", kind="moves")
def concatenate(layer: Layer, xs: Sequence[Any]) -> Tensor:
    """Side by side along an axis."""
    return _joined(xs, layer.get("axis", -1))


@operation("numpy", "Hstack", "Dstack", "Vstack", kind="moves")
def stacked_along(layer: Layer, xs: Sequence[Any]) -> Tensor:
    """Side by side along the second, the third or the first axis."""
    return _joined(xs, {"Vstack": 0, "Hstack": 1, "Dstack": 2}[layer.class_name])


@operation("numpy", "Append", kind="moves")
def append(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """One behind the other along an axis."""
    axis = layer.get("axis")
    if axis is None:
        raise UnsupportedError("append over the batch", expected="an axis after the first", got="None")
    return _joined([x1, x2], axis)


@operation("numpy", "Stack", kind="moves")
def stack(layer: Layer, x: Sequence[Any]) -> Tensor:
    """Side by side along a new axis."""
    parts = _parts(x)
    axis = layer.get("axis", 0) % (len(shape_of(parts[0])) + 1)
    parts = [ops.unsqueeze(part, ints(axis)) for part in parts]
    return Tensor.of(ops.concat(_as_many_rows(x, parts, axis), axis=axis))


@operation("numpy", "Split", "ArraySplit", "Hsplit", "Vsplit", "Dsplit", kind="moves")
def split(layer: Layer, x: Tensor) -> list[Tensor]:
    """So many parts, or parts that begin at these places."""
    axis = {"Hsplit": 1, "Vsplit": 0, "Dsplit": 2}.get(layer.class_name, layer.get("axis", 0)) % x.rank
    if over_batch(x, axis):
        raise UnsupportedError("split of the batch", expected="an axis after the first", got=repr(layer.get("axis", 0)))
    wanted, size = layer.get("indices_or_sections"), x.shape[axis]
    if not isinstance(wanted, int):
        places = [int(p) for p in wanted]
    elif size is None:
        return [Tensor.of(part) for part in ops.split(x.var, num_outputs=wanted, axis=axis)]
    else:
        sizes = [size // wanted + (i < size % wanted) for i in range(wanted)]
        places = np.cumsum(sizes)[:-1].tolist()
    bounds = zip([0, *places], [*places, FAR], strict=True)
    return [Tensor.of(ops.slice(x.var, ints(a), ints(b), ints(axis))) for a, b in bounds]


@operation("core", "Unstack", kind="moves")
def unstack(layer: Layer, x: Tensor) -> list[Tensor]:
    """The entries of an axis, each without it."""
    axis = layer.get("axis", 0) % x.rank
    size = layer.get("num") or x.shape[axis]
    if size is None or over_batch(x, axis):
        raise UnsupportedError("unstack", expected="an axis of a fixed size", got=repr(layer.get("axis", 0)))
    return [Tensor.of(ops.gather(x.var, constant(i, np.int64), axis=axis)) for i in range(size)]


def _joined(xs: Sequence[Any], axis: int) -> Tensor:
    parts = _parts(xs)
    if all(isinstance(x, Tensor) and x.dtype == dtype_of(parts[0]) for x in xs):
        return Tensor(*joined(list(xs), axis))
    place = axis % len(shape_of(parts[0]))
    return Tensor.of(ops.concat(_as_many_rows(xs, parts, place), axis=place))


def _parts(xs: Sequence[Any]) -> list[Var]:
    """Text as it is, numbers in their common type."""
    if all(isinstance(x, Tensor) and x.dtype.kind == "U" for x in xs):
        return [x.var for x in xs]
    return promoted(*xs)


def _as_many_rows(xs: Sequence[Any], parts: list[Var], axis: int) -> list[Var]:
    """Constants with one row get one for every row of the tensors beside them."""
    batch = next((v for x, v in zip(xs, parts, strict=True) if isinstance(x, Tensor) and shape_of(v)[0] is None), None)
    if batch is None or axis == 0:
        return parts
    rank = len(shape_of(batch))
    shape = ops.concat([ops.shape(batch, end=1), ints([1] * (rank - 1))], axis=0)
    return [v if shape_of(v)[0] != 1 else ops.expand(v, shape) for v in parts]
