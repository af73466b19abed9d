"""Sums, means and extremes over some axes, never over the batch: rows have nothing to do with each other in a graph that is
served. Source: `keras.src.ops.numpy`, `keras.src.ops.math`, `keras.src.ops.nn`, `keras.src.ops.linalg`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of
from ..backend import answers_as
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor, over_batch
from ..values import ints, promoted
from .accurate import floating, flushed, is_negative_zero


@operation("numpy", "Mean", "Std", "Var")
def statistics(layer: Layer, x: Tensor) -> Tensor:
    """The mean; the mean square of what differs from it; the root of that. In floats."""
    var, axes, keep = floating(x.var), _axes(layer, x), int(layer.get("keepdims", False))
    if layer.class_name == "Mean":
        return Tensor.of(ops.reduce_mean(var, ints(axes), keepdims=keep))
    variance = _variance(var, axes, keep)
    return Tensor.of(ops.sqrt(variance) if layer.class_name == "Std" else variance)


@operation("nn", "Moments")
def moments(layer: Layer, x: Tensor) -> list[Tensor]:
    """Mean and variance."""
    layer.ignore("synchronized")
    axes, keep = _axes(layer, x, "axes"), int(layer.get("keepdims", False))
    var = floating(x.var)
    return [Tensor.of(ops.reduce_mean(var, ints(axes), keepdims=keep)), Tensor.of(_variance(var, axes, keep))]


@operation("numpy", "Sum", "Prod")
def accumulated(layer: Layer, x: Tensor) -> Tensor:
    """In the type that comes in, at least 32 bits wide."""
    axes, keep = _axes(layer, x), int(layer.get("keepdims", False))
    var, asked = x.var, layer.get("dtype") if layer.class_name == "Prod" else None
    wide = x.dtype.kind == "f" or x.dtype.itemsize > 2
    kind = np.dtype(asked or (x.dtype if wide else np.uint32 if x.dtype.kind == "u" else np.int32))
    if kind.kind == "f":
        reduce = ops.reduce_sum if layer.class_name == "Sum" else ops.reduce_prod
        return Tensor.of(reduce(cast(var, kind), ints(axes), keepdims=keep))
    # onnxruntime adds and multiplies integers by way of float64: of 32 bits the sum is exact then.
    if layer.class_name == "Prod" or kind.itemsize > 4:
        raise UnsupportedError(f"{layer.class_name} of {x.dtype}", expected="floats", hint="cast it to float32 before")
    return Tensor.of(cast(ops.reduce_sum(cast(var, np.int64), ints(axes), keepdims=keep), kind))


@operation("numpy", "Max", "Min", "Amax", "Amin")
def extreme(layer: Layer, x: Tensor) -> Tensor:
    """The largest or the smallest, and no less or more than `initial`."""
    largest = layer.class_name in ("Max", "Amax")
    axes, keep, initial = _axes(layer, x), int(layer.get("keepdims", False)), layer.get("initial")
    kind = x.dtype
    var = x.var if kind.kind == "f" or kind in (np.int32, np.int64) else cast(x.var, np.int64)
    var = (ops.reduce_max if largest else ops.reduce_min)(var, ints(axes), keepdims=keep)
    if initial is not None:
        var = (ops.max if largest else ops.min)([var, constant_like(var, initial)])
    return Tensor.of(cast(var, kind))


@operation("numpy", "Ptp")
def spread(layer: Layer, x: Tensor) -> Tensor:
    """From the smallest to the largest."""
    axes, keep = _axes(layer, x), int(layer.get("keepdims", False))
    return Tensor.of(ops.sub(*(f(x.var, ints(axes), keepdims=keep) for f in (ops.reduce_max, ops.reduce_min))))


@operation("numpy", "Any", "All")
def boolean(layer: Layer, x: Tensor) -> Tensor:
    """Whether any or all are true, or not 0."""
    axes, keep = _axes(layer, x), int(layer.get("keepdims", False))
    reduce = ops.reduce_max if layer.class_name == "Any" else ops.reduce_min
    return Tensor.of(cast(reduce(cast(cast(flushed(x.var), np.bool_), np.int32), ints(axes), keepdims=keep), np.bool_))


@operation("numpy", "CountNonzero")
def count_nonzero(layer: Layer, x: Tensor) -> Tensor:
    """How many are not 0, int32."""
    counted = ops.reduce_sum(cast(cast(flushed(x.var), np.bool_), np.int64), ints(_axes(layer, x)), keepdims=0)
    return Tensor.of(cast(counted, np.int32))


@operation("numpy", "Nansum", "Nanmean", "Nanmax", "Nanmin", "Nanvar", "Nanstd")
def without_nan(layer: Layer, x: Tensor) -> Tensor:
    """As the operation without `nan` in its name, of what is no number; NaN where nothing is left."""
    if x.dtype.kind != "f":
        raise UnsupportedError(f"{layer.class_name} of {x.dtype}", expected="floats", hint="integers have no NaN")
    axes, keep = _axes(layer, x), int(layer.get("keepdims", False))
    gone = ops.isnan(x.var)
    if layer.class_name in ("Nanmax", "Nanmin"):
        worst, reduce = (-np.inf, ops.reduce_max) if layer.class_name == "Nanmax" else (np.inf, ops.reduce_min)
        found = reduce(ops.where(gone, constant_like(x.var, worst), x.var), ints(axes), keepdims=keep)
        none = cast(ops.reduce_min(cast(gone, np.int32), ints(axes), keepdims=keep), np.bool_)
        return Tensor.of(ops.where(none, constant_like(found, np.nan), found))
    zero, here = constant_like(x.var, 0.0), cast(ops.not_(gone), x.dtype)
    total = ops.reduce_sum(ops.where(gone, zero, x.var), ints(axes), keepdims=1)
    if layer.class_name in ("Nansum", "Nanmean"):
        total = total if layer.class_name == "Nansum" else ops.div(total, ops.reduce_sum(here, ints(axes), keepdims=1))
        return Tensor.of(total if keep else ops.squeeze(total, ints(axes)))
    mean = ops.div(total, ops.reduce_sum(here, ints(axes), keepdims=1))
    centred = ops.where(gone, zero, ops.sub(x.var, mean))
    squares, count = (ops.reduce_sum(v, ints(axes), keepdims=keep) for v in (ops.mul(centred, centred), here))
    variance = ops.div(squares, count)
    return Tensor.of(ops.sqrt(variance) if layer.class_name == "Nanstd" else variance)


@operation("numpy", "Average")
def average(layer: Layer, x: Tensor, weights: Any = None) -> Tensor:
    """The mean, weighed by numbers along one axis, or by as many as the tensor has."""
    axes = _axes(layer, x)
    if weights is None:
        return Tensor.of(ops.reduce_mean(floating(x.var), ints(axes), keepdims=0))
    if not isinstance(weights, Tensor) and np.ndim(weights) == 1:
        shape = [1] * x.rank
        shape[axes[0]] = -1
        weights = np.reshape(weights, shape)
    var, by = (floating(v) for v in promoted(x, weights))
    by = ops.expand(by, ops.shape(var))
    return Tensor.of(ops.div(*(ops.reduce_sum(v, ints(axes), keepdims=0) for v in (ops.mul(var, by), by))))


@operation("numpy", "Argmax", "Argmin")
def argument(layer: Layer, x: Tensor) -> Tensor:
    """The place of the first largest or smallest, int32. To TensorFlow and JAX -0 is smaller than 0 here."""
    (axis,) = _axes(layer, x)
    largest, var = layer.class_name == "Argmax", x.var if x.dtype.kind != "b" else cast(x.var, np.int32)
    if x.dtype.kind == "f" and not answers_as("torch"):
        below = -np.finfo(dtype_of(var)).tiny
        var = ops.where(is_negative_zero(var), constant_like(var, below), var)
    function = ops.arg_max if largest else ops.arg_min
    return Tensor.of(cast(function(var, axis=axis, keepdims=int(layer.get("keepdims", False))), np.int32))


@operation("numpy", "Cumsum")
def cumulated(layer: Layer, x: Tensor) -> Tensor:
    """Running sums along one axis."""
    (axis,) = _axes(layer, x)
    kind = np.dtype(layer.get("dtype") or (np.int32 if x.dtype.kind == "b" else x.dtype))
    if kind not in (np.int32, np.int64) and kind.kind != "f":
        raise UnsupportedError(f"cumsum of {kind}", expected="floats, int32 or int64", hint="cast it before")
    return Tensor.of(ops.cumsum(cast(x.var, kind), constant(axis, np.int64)))


@operation("math", "Logsumexp")
def log_sum_exp(layer: Layer, x: Tensor) -> Tensor:
    """log(sum(exp(x)))."""
    return Tensor.of(ops.reduce_log_sum_exp(floating(x.var), ints(_axes(layer, x)), keepdims=int(layer.get("keepdims", False))))


@operation("linalg", "Norm")
def norm(layer: Layer, x: Tensor) -> Tensor:
    """The length of vectors: ord None and 2, 1, inf, -inf, 0, or another power; of matrices that of all entries."""
    axes, keep, order = _axes(layer, x), int(layer.get("keepdims", False)), layer.get("ord")
    var = floating(x.var)
    if len(axes) > 2 or (len(axes) == 2 and order not in (None, "fro")):
        raise UnsupportedError("norm(ord=...) of matrices", expected="None | 'fro'", got=repr(order))
    return Tensor.of(normed(var, axes, 2 if order in (None, "fro") else order, keep))


@operation("nn", "Normalize")
def normalize(layer: Layer, x: Tensor) -> Tensor:
    """x divided by its length, which is at least epsilon."""
    axes, order = _axes(layer, x), layer.get("order", 2)
    var, epsilon = floating(x.var), layer.get("epsilon") or 1e-7
    length = ops.max([normed(var, axes, order, 1), constant_like(var, epsilon)])
    return Tensor.of(ops.div(var, length))


def normed(var: Var, axes: Sequence[int], order: float, keep: int) -> Var:
    """The length of vectors: the root of the sum of squares, or as `order` says."""
    size = ops.abs(var)
    if order == 2:
        return ops.sqrt(ops.reduce_sum(ops.mul(var, var), ints(axes), keepdims=keep))
    if order in (np.inf, -np.inf):
        return (ops.reduce_max if order > 0 else ops.reduce_min)(size, ints(axes), keepdims=keep)
    if order == 0:
        size = cast(ops.not_(ops.equal(var, constant_like(var, 0.0))), dtype_of(var))
    if order in (0, 1):
        return ops.reduce_sum(size, ints(axes), keepdims=keep)
    powers = ops.reduce_sum(ops.pow(size, constant_like(size, order)), ints(axes), keepdims=keep)
    return ops.pow(powers, constant_like(size, 1.0 / order))


def _variance(var: Var, axes: Sequence[int], keep: int) -> Var:
    centred = ops.sub(var, ops.reduce_mean(var, ints(axes), keepdims=1))
    return ops.reduce_mean(ops.mul(centred, centred), ints(axes), keepdims=keep)


def _axes(layer: Layer, x: Tensor, key: str = "axis") -> list[int]:
    """The axes that the parameter names. Raises UnsupportedError where the batch's is among them, or all are."""
    axis = layer.get(key)
    axes = [] if axis is None else sorted(a % x.rank for a in ([axis] if isinstance(axis, int) else axis))
    if not axes or any(over_batch(x, a) for a in axes):
        raise UnsupportedError(f"{layer.class_name} over the batch", expected="axes after the first", got=repr(axis))
    return axes
