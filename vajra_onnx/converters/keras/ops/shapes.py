"""Operations that move numbers and compute nothing: axes, sizes, order. Source: `keras.src.ops.numpy`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of
from ..emit import operation
from ..layer import Layer
from ..symbols import sizes
from ..tensor import Tensor, over_batch, shape_of
from ..values import ints

FAR = np.iinfo(np.int64).max


@operation("numpy", "Reshape", kind="moves")
def reshape(layer: Layer, x: Tensor) -> Tensor:
    """Another shape. A size that is not known is that of the same place before, or what is left."""
    asked, before = sizes(layer.get("newshape")), x.shape
    if sum(s in (None, -1) for s in asked) > 1:
        asked = [0 if s is None and i < len(before) and before[i] is None else s for i, s in enumerate(asked)]
    shape = [-1 if s is None else s for s in asked]
    if shape.count(-1) > 1:
        raise UnsupportedError("reshape", expected="one size at most that is not known", got=repr(layer.get("newshape")))
    return Tensor.of(ops.reshape(x.var, ints(shape)))


@operation("numpy", "Transpose", kind="moves")
def transpose(layer: Layer, x: Tensor) -> Tensor:
    """Axes in another order, by default the reverse one."""
    axes = layer.get("axes") or range(x.rank)[::-1]
    return _permuted(x, [a % x.rank for a in axes])


@operation("numpy", "Swapaxes", kind="moves")
def swap_axes(layer: Layer, x: Tensor) -> Tensor:
    """Two axes in each other's place."""
    order, (a, b) = list(range(x.rank)), (layer.get(key) % x.rank for key in ("axis1", "axis2"))
    order[a], order[b] = b, a
    return _permuted(x, order)


@operation("numpy", "Moveaxis", kind="moves")
def move_axes(layer: Layer, x: Tensor) -> Tensor:
    """Some axes to other places, the others in their order."""
    sources, targets = ([a % x.rank for a in np.atleast_1d(layer.get(key)).tolist()] for key in ("source", "destination"))
    order = [a for a in range(x.rank) if a not in sources]
    for target, source in sorted(zip(targets, sources, strict=True)):
        order.insert(target, source)
    return _permuted(x, order)


@operation("numpy", "ExpandDims", kind="moves")
def expand_dims(layer: Layer, x: Tensor) -> Tensor:
    """A new axis of size 1."""
    axis = layer.get("axis")
    axes = [axis] if isinstance(axis, int) else list(axis)
    return Tensor.of(ops.unsqueeze(x.var, ints([a % (x.rank + len(axes)) for a in axes])))


@operation("numpy", "Squeeze", kind="moves")
def squeeze(layer: Layer, x: Tensor) -> Tensor:
    """Axes of size 1 left out."""
    axis = layer.get("axis")
    known = [i for i, size in enumerate(x.shape) if size == 1]
    axes = known if axis is None else [a % x.rank for a in ([axis] if isinstance(axis, int) else axis)]
    return Tensor.of(ops.squeeze(x.var, ints(axes)) if axes else x.var)


@operation("numpy", "Flip", "Fliplr", "Flipud", kind="moves")
def flip(layer: Layer, x: Tensor) -> Tensor:
    """Backwards along some axes."""
    axis = {"Fliplr": 1, "Flipud": 0}.get(layer.class_name, layer.get("axis"))
    axes = range(x.rank) if axis is None else [axis] if isinstance(axis, int) else axis
    return Tensor.of(flipped(x.var, [_within(layer, x, a) for a in axes]))


@operation("numpy", "Rot90", kind="moves")
def quarter_turns(layer: Layer, x: Tensor) -> Tensor:
    """So many quarters of a turn in the plane of two axes."""
    a, b = (_within(layer, x, axis) for axis in layer.get("axes", (0, 1)))
    turns, order = layer.get("k", 1) % 4, list(range(x.rank))
    order[a], order[b] = b, a
    var = flipped(x.var, {0: [], 1: [b], 2: [a, b], 3: [a]}[turns])
    return Tensor.of(ops.transpose(var, perm=order) if turns % 2 else var)


@operation("numpy", "Roll", kind="moves")
def roll(layer: Layer, x: Tensor) -> Tensor:
    """Every entry so many places further, those at the end to the beginning."""
    shift, axis = layer.get("shift"), layer.get("axis")
    if axis is None:
        raise UnsupportedError("roll over the batch", expected="an axis after the first", got="None")
    var = x.var
    for by, along in zip(np.atleast_1d(shift).tolist(), np.atleast_1d(axis).tolist(), strict=True):
        place = _within(layer, x, along)
        size = ops.shape(var, start=place, end=place + 1)
        cut = ops.mod(ints(-by), size, fmod=0)
        parts = [ops.slice(var, cut, ints(FAR), ints(place)), ops.slice(var, ints(0), cut, ints(place))]
        var = ops.concat(parts, axis=place)
    return Tensor.of(var)


@operation("numpy", "Tile", kind="moves")
def tile(layer: Layer, x: Tensor) -> Tensor:
    """Copies side by side along every axis."""
    repeats = [1 if n is None else n for n in sizes(np.atleast_1d(layer.get("repeats")).tolist())]
    repeats = [1] * (x.rank - len(repeats)) + repeats
    if len(repeats) > x.rank or any(n != 1 and over_batch(x, a) for a, n in enumerate(repeats)):
        raise UnsupportedError("tile of the batch", expected="1 for the first axis", got=repr(repeats))
    return Tensor.of(ops.tile(x.var, ints(repeats)))


@operation("numpy", "Repeat", kind="moves")
def repeat(layer: Layer, x: Tensor) -> Tensor:
    """Every entry along an axis several times, one after another."""
    repeats, axis = layer.get("repeats"), layer.get("axis")
    if axis is None:
        raise UnsupportedError("repeat over the batch", expected="an axis after the first", got="None")
    place = _within(layer, x, axis)
    size = x.shape[place]
    if size is not None:
        return Tensor.of(ops.gather(x.var, constant(np.repeat(np.arange(size), repeats)), axis=place))
    if not isinstance(repeats, int):
        raise UnsupportedError("repeat", expected="one number for an axis whose size is not fixed", got=repr(repeats)[:60])
    copies = ops.tile(ops.unsqueeze(x.var, ints(place + 1)), ints([repeats if a == place + 1 else 1 for a in range(x.rank + 1)]))
    before, after = ops.shape(x.var, start=0, end=place), ops.shape(x.var, start=place + 1)
    return Tensor.of(ops.reshape(copies, ops.concat([before, ints(-1), after], axis=0)))


@operation("numpy", "Pad", kind="moves")
def pad(layer: Layer, x: Tensor, constant_values: Any = None) -> Tensor:
    """More at the ends of axes: a number, or what is there mirrored."""
    layer.only("mode", "constant", "reflect")
    width = np.broadcast_to(np.asarray(layer.get("pad_width")), (x.rank, 2))
    if any(width[a].any() and over_batch(x, a) for a in range(x.rank)):
        raise UnsupportedError("pad of the batch", expected="(0, 0) for the first axis", got=repr(width.tolist()))
    pads, mode = ints(width.T.ravel().tolist()), layer.get("mode", "constant")
    var = x.var if x.dtype.kind != "b" else cast(x.var, np.int32)
    value = constant_like(var, constant_values or 0) if mode == "constant" else None
    return Tensor.of(cast(ops.pad(var, pads, value, mode=mode), x.dtype))


@operation("numpy", "BroadcastTo", kind="moves")
def broadcast_to(layer: Layer, x: Tensor) -> Tensor:
    """As often as a shape says; a size that is not known stays as it is."""
    asked = [1 if s is None else s for s in sizes(layer.get("shape"))]
    return Tensor.of(ops.expand(x.var, ints(asked)))


@operation("numpy", "Ravel", kind="moves")
def ravel(layer: Layer, x: Tensor) -> Tensor:
    """One axis."""
    return Tensor.of(ops.reshape(x.var, ints(-1)))


@operation("numpy", "Tril", "Triu")
def triangle(layer: Layer, x: Tensor) -> Tensor:
    """What is below or above a diagonal of the last two axes, 0 elsewhere."""
    kind = np.dtype(np.int64) if x.dtype.kind in "iub" else x.dtype
    part = ops.trilu(cast(x.var, kind), constant(layer.get("k", 0), np.int64), upper=int(layer.class_name == "Triu"))
    return Tensor.of(cast(part, x.dtype))


@operation("numpy", "Diagonal", kind="moves")
def diagonal(layer: Layer, x: Tensor) -> Tensor:
    """A diagonal of two axes as a new last one."""
    return Tensor.of(_diagonal(layer, x))


@operation("numpy", "Trace")
def trace(layer: Layer, x: Tensor) -> Tensor:
    """The sum of a diagonal."""
    if x.dtype.kind != "f":
        raise UnsupportedError(f"trace of {x.dtype}", expected="floats", hint="cast it to float32 before")
    return Tensor.of(ops.reduce_sum(_diagonal(layer, x), ints(-1), keepdims=0))


@operation("numpy", "Diff")
def difference(layer: Layer, x: Tensor) -> Tensor:
    """Every entry less the one before, n times."""
    axis, var = _within(layer, x, layer.get("axis", -1)), x.var
    for _ in range(layer.get("n", 1)):
        later, before = (ops.slice(var, ints(a), ints(b), ints(axis)) for a, b in ((1, FAR), (0, -1)))
        var = ops.sub(later, before) if dtype_of(var).kind != "b" else ops.xor(later, before)
    return Tensor.of(var)


def flipped(var: Var, axes: Sequence[int]) -> Var:
    """Backwards along these axes."""
    if not axes:
        return var
    ends = [np.iinfo(np.int64).min] * len(axes)
    return ops.slice(var, ints([-1] * len(axes)), ints(ends), ints(axes), ints([-1] * len(axes)))


def _diagonal(layer: Layer, x: Tensor) -> Var:
    a, b = (_within(layer, x, layer.get(key, default)) for key, default in (("axis1", 0), ("axis2", 1)))
    others = [axis for axis in range(x.rank) if axis not in (a, b)]
    var = ops.transpose(x.var, perm=[*others, a, b])
    rows, columns = shape_of(var)[-2:]
    if rows is None or columns is None:
        raise UnsupportedError("a diagonal of axes whose sizes are not fixed")
    places = np.arange(rows * columns).reshape(rows, columns).diagonal(layer.get("offset", 0))
    flat = ops.reshape(var, ops.concat([ops.shape(var, end=-2), ints(rows * columns)], axis=0))
    return ops.gather(flat, constant(places.astype(np.int64)), axis=x.rank - 2)


def _permuted(x: Tensor, order: list[int]) -> Tensor:
    return x if order == list(range(x.rank)) else Tensor.of(ops.transpose(x.var, perm=order))


def _within(layer: Layer, x: Tensor, axis: int) -> int:
    """An axis counted from 0. Raises UnsupportedError for that of the batch."""
    if over_batch(x, axis % x.rank):
        raise UnsupportedError(f"{layer.class_name} over the batch", expected="axes after the first", got=repr(axis))
    return axis % x.rank
