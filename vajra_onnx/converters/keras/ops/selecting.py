"""Entries chosen by place, by condition, by order. Source: `keras.src.ops.numpy`, `keras.src.ops.math`, `keras.src.ops.nn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.refuse import gather_or_refuse
from ....graph.values import cast, constant, constant_like
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor, over_batch, shape_of
from ..values import ints, promoted
from .accurate import flushed


@operation("numpy", "Where", kind="moves")
def where(layer: Layer, condition: Any, x1: Any = None, x2: Any = None) -> Tensor:
    """x1 where the condition is true or not 0, x2 elsewhere."""
    if x1 is None or x2 is None:
        raise UnsupportedError("where(condition) alone", hint="its result is as long as there are true ones")
    text = all(isinstance(v, str) or (isinstance(v, Tensor) and v.dtype.kind == "U") for v in (x1, x2))
    a, b = (v.var if isinstance(v, Tensor) else constant(v) for v in (x1, x2)) if text else promoted(x1, x2)
    return Tensor.of(ops.where(_condition(condition), a, b))


@operation("numpy", "Select", kind="moves")
def select(layer: Layer, condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """The choice of the first condition that is true."""
    *choices, result = promoted(*choicelist, default)
    for condition, choice in reversed(list(zip(condlist, choices, strict=True))):
        result = ops.where(_condition(condition), choice, result)
    return Tensor.of(result)


@operation("numpy", "Take")
def take(layer: Layer, x: Any, indices: Any) -> Tensor:
    """The entries of an axis at these places, negative ones counted from its end; a place beyond it is refused, as by
    TensorFlow."""
    axis = layer.get("axis")
    if not isinstance(x, Tensor):
        table = np.ravel(x) if axis is None else np.moveaxis(np.asarray(x), axis, 0)
        if np.ndim(x) > 1 and axis not in (None, 0):
            raise UnsupportedError("take of constants", expected="axis=0", got=repr(axis))
        message = f"an index beyond the {len(table)} entries of {layer.name}"
        return Tensor.of(gather_or_refuse(table, _places(indices), message))
    if axis is None or over_batch(x, axis % x.rank):
        raise UnsupportedError("take over the batch", expected="an axis after the first", got=repr(axis))
    return Tensor.of(ops.gather(x.var, _places(indices), axis=axis % x.rank))


@operation("numpy", "TakeAlongAxis", kind="moves")
def take_along_axis(layer: Layer, x: Tensor, indices: Any) -> Tensor:
    """For every place of the other axes the entries at its own places."""
    axis = layer.get("axis")
    if axis is None or over_batch(x, axis % x.rank):
        raise UnsupportedError("take_along_axis over the batch", expected="an axis after the first", got=repr(axis))
    axis, places = axis % x.rank, _places(indices)
    wanted = shape_of(places)
    if any(n == 1 != m for a, (m, n) in enumerate(zip(wanted, x.shape, strict=True)) if a != axis):
        raise UnsupportedError("take_along_axis of a tensor that is broadcast to its places")
    if any(m == 1 != n for a, (m, n) in enumerate(zip(wanted, x.shape, strict=True)) if a != axis):
        shape = [ops.shape(x.var, end=axis), ints(1), ops.shape(x.var, start=axis + 1)]
        places = ops.expand(places, ops.concat(shape, axis=0))
    return Tensor.of(ops.gather_elements(x.var, places, axis=axis))


@operation("numpy", "Sort", "Argsort")
def ordered(layer: Layer, x: Tensor) -> Tensor:
    """From the smallest to the largest, or their places, int32."""
    values, places = _top(layer, x, None, layer.get("axis", -1), largest=False)
    return Tensor.of(cast(values, x.dtype) if layer.class_name == "Sort" else cast(places, np.int32))


@operation("math", "TopK")
def top_k(layer: Layer, x: Tensor) -> list[Tensor]:
    """The k largest along the last axis, and their places, int32."""
    layer.only("sorted", True)
    values, places = _top(layer, x, layer.get("k"), -1, largest=True)
    return [Tensor.of(cast(values, x.dtype)), Tensor.of(cast(places, np.int32))]


@operation("numpy", "Digitize")
def digitize(layer: Layer, x: Tensor, bins: Any) -> Tensor:
    """How many of the edges are at most x, int32."""
    return _counted(x, bins, lambda values, edges: ops.greater_or_equal(values, edges))


@operation("numpy", "SearchSorted")
def search_sorted(layer: Layer, sorted_sequence: Any, values: Any) -> Tensor:
    """How many of the numbers are below each value, or at most as large with side="right", int32."""
    layer.only("side", "left", "right")
    compare = ops.greater if layer.get("side", "left") == "left" else ops.greater_or_equal
    return _counted(values, sorted_sequence, lambda each, edges: compare(each, edges))


@operation("nn", "OneHot")
def one_hot(layer: Layer, x: Tensor) -> Tensor:
    """1 at the place of each index, 0 elsewhere; zeros alone for an index beyond."""
    return Tensor.of(_one_hot(layer, x, layer.get("axis", -1)))


@operation("nn", "MultiHot")
def multi_hot(layer: Layer, x: Tensor) -> Tensor:
    """1 at the places of all indices of a row."""
    if x.rank < 2 or layer.get("axis", -1) not in (-1, x.rank):
        raise UnsupportedError("multi_hot", expected="indices [N, ...] and axis=-1", got=f"axis={layer.get('axis')!r}")
    hot = _one_hot(layer, x, -1, np.dtype(np.float32))
    return Tensor.of(cast(ops.reduce_max(hot, ints(1), keepdims=0), np.dtype(layer.get("dtype") or np.float32)))


@operation("numpy", "GetItem", kind="moves")
def get_item(layer: Layer, x: Tensor, key: Any) -> Tensor:
    """Slices, single places, new axes and an ellipsis; the batch's axis whole."""
    keys = list(key) if isinstance(key, list) else [key]
    if all(isinstance(k, int) for k in keys) and isinstance(key, list):
        raise UnsupportedError("x[...] with a list of places", hint="use keras.ops.take(x, places, axis)")
    if any(k is ... for k in keys):
        place = next(i for i, k in enumerate(keys) if k is ...)
        whole = x.rank - sum(k is not None and k is not ... for k in keys)
        keys[place : place + 1] = [slice(None)] * whole
    for axis, chosen in enumerate(k for k in keys if k is not None):
        if over_batch(x, axis) and chosen not in (slice(None), slice(None, None, 1), slice(0, None), slice(0, None, 1)):
            raise UnsupportedError("x[...] that selects among the rows of a batch", expected="x[:, ...]", got=repr(keys[:1]))
    return Tensor.of(_sliced(x.var, keys))


def _sliced(var: Var, keys: list[Any]) -> Var:
    begins, ends, axes, steps, dropped, added = [], [], [], [], [], []
    axis = kept = 0
    for key in keys:
        if key is None:
            added.append(kept)
            kept += 1
            continue
        if isinstance(key, int) and not isinstance(key, bool):
            part = slice(key, key + 1 if key != -1 else None)
            dropped.append(axis)
        elif isinstance(key, slice) and all(isinstance(v, int | None) for v in (key.start, key.stop, key.step)):
            part, kept = key, kept + 1
        else:
            raise UnsupportedError(
                "x[...]",
                expected="slices, integers, None and ...",
                got=repr(key)[:60],
                hint="use keras.ops.take or keras.ops.take_along_axis for other places",
            )
        if part != slice(None):
            step = 1 if part.step is None else part.step
            far = np.iinfo(np.int64).max if step > 0 else np.iinfo(np.int64).min
            begins.append((0 if step > 0 else np.iinfo(np.int64).max) if part.start is None else part.start)
            ends.append(far if part.stop is None else part.stop)
            axes.append(axis)
            steps.append(step)
        axis += 1
    if axes:
        var = ops.slice(var, ints(begins), ints(ends), ints(axes), ints(steps))
    if dropped:
        var = ops.squeeze(var, ints(dropped))
    return ops.unsqueeze(var, ints(added)) if added else var


def _condition(condition: Any) -> Var:
    return cast(flushed(condition.var), np.bool_) if isinstance(condition, Tensor) else constant(np.asarray(condition, np.bool_))


def _places(indices: Any) -> Var:
    """int64, of a tensor or of numbers."""
    return cast(indices.var, np.int64) if isinstance(indices, Tensor) else constant(np.asarray(indices, np.int64))


def _top(layer: Layer, x: Tensor, count: int | None, axis: int | None, *, largest: bool) -> tuple[Var, Var]:
    if axis is None or over_batch(x, axis % x.rank):
        raise UnsupportedError(f"{layer.class_name} over the batch", expected="an axis after the first", got=repr(axis))
    place = axis % x.rank
    var = x.var if x.dtype.kind == "f" else cast(x.var, np.int64)
    size = ops.shape(var, start=place, end=place + 1) if count is None else ints(count)
    values, places = ops.top_k(var, size, axis=place, largest=int(largest))
    return values, places


def _counted(values: Any, edges: Any, compare: Any) -> Tensor:
    if isinstance(edges, Tensor) or not isinstance(values, Tensor):
        raise UnsupportedError("edges that depend on the input", expected="numbers")
    each, numbers = promoted(values, np.asarray(edges, np.float32))
    found = compare(ops.unsqueeze(each, ints(-1)), numbers)
    return Tensor.of(cast(ops.reduce_sum(cast(found, np.int64), ints(-1), keepdims=0), np.int32))


def _one_hot(layer: Layer, x: Tensor, axis: int, dtype: np.dtype[Any] | None = None) -> Var:
    layer.only("sparse", False)
    place, count = axis % (x.rank + 1), layer.get("num_classes")
    shape = [1] * (x.rank + 1)
    shape[place] = count
    index = ops.unsqueeze(cast(x.var, np.int64), ints(place))
    hot = ops.equal(index, constant_like(index, np.arange(count).reshape(shape)))
    return cast(hot, dtype or np.dtype(layer.get("dtype") or np.float32))
