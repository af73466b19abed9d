"""keras.layers.pooling. Source: `keras.src.layers.pooling`."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of
from ..backend import answers_as
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor, moved, shape_of
from ..values import channels_axis, floats, in_floats, ints, spatial
from .convolutional import auto_pad, spread, unpadded


@emits("MaxPooling1D", "MaxPooling2D", "MaxPooling3D")
def maximum(layer: Layer, x: Tensor) -> Tensor:
    """The largest in each window."""
    return _pooled(layer, x, largest=True)


@emits("AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def average(layer: Layer, x: Tensor) -> Tensor:
    """The mean of each window, of what of it lies inside."""
    return _pooled(layer, x, largest=False)


def _pooled(layer: Layer, x: Tensor, *, largest: bool) -> Tensor:
    size = spread(layer.get("pool_size"), x.rank - 2)
    strides = spread(layer.get("strides") or size, x.rank - 2)
    window: dict[str, Any] = {"strides": strides, "auto_pad": auto_pad(layer.get("padding", "valid"))}
    if largest and x.positive and x.padded is not None and _reached(x.padded.pads, size):
        x, window = unpadded(layer, x, window)  # zeros are no larger than what is there
    if largest:
        var, last = spatial(layer, x)
        return Tensor.of(in_floats(var, lambda v: ops.max_pool(v, kernel_shape=size, **window)[0]), first=last)
    var, last = spatial(layer, floats(layer, x))
    if window["auto_pad"] != "VALID" and answers_as("torch"):
        var, window["auto_pad"] = _edges_repeated(layer, var, size, strides)
    return Tensor.of(ops.average_pool(var, kernel_shape=size, **window, count_include_pad=0), first=last)


def _edges_repeated(layer: Layer, var: Var, size: list[int], strides: list[int]) -> tuple[Var, str]:
    """As torch pads: nothing that counts, unless an axis needs one more behind than before; then the edges of all axes count
    twice. Source: `keras.src.backend.torch.nn._apply_same_padding`."""
    space = shape_of(var)[2:]
    if strides != [1] * len(size) and None in space:
        raise UnsupportedError(f"{layer.class_name} with padding `same` and strides, of a size that is not fixed", got="torch")
    steps = [-(-(n or 0) // s) - 1 for n, s in zip(space, strides, strict=True)]
    more = [
        k - 1 if s == 1 else max(0, step * s + k - (n or 0)) for n, k, s, step in zip(space, size, strides, steps, strict=True)
    ]
    if not any(n % 2 for n in more):
        return var, "SAME_UPPER"
    pads = [0, 0, *(n // 2 for n in more), 0, 0, *(n - n // 2 for n in more)]
    return ops.pad(var, constant(pads, np.int64), mode="edge"), "VALID"


def _reached(pads: list[int], size: list[int]) -> bool:
    """Whether every window has something in it that is no zero of the padding."""
    return all(pad < length for pad, length in zip(pads, size * 2, strict=True))


@emits("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def global_maximum(layer: Layer, x: Tensor) -> Tensor:
    """The largest of each channel."""
    return _reduced(layer, x, largest=True)


@emits("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
def global_average(layer: Layer, x: Tensor) -> Tensor:
    """The mean of each channel; of the steps that are not masked, where there is a mask."""
    x = floats(layer, x)
    if x.mask is None:
        return _reduced(layer, x, largest=False)
    axis, keep = 1 if channels_axis(layer, x) == 2 else 2, int(layer.get("keepdims", False))
    kept = ops.unsqueeze(x.mask, ints(2 if axis == 1 else 1))
    values = ops.where(kept, x.var, constant_like(x.var, 0))
    total, count = (ops.reduce_sum(v, ints(axis), keepdims=keep) for v in (values, cast(kept, x.dtype)))
    return Tensor.of(ops.div(total, count))


def _reduced(layer: Layer, x: Tensor, *, largest: bool) -> Tensor:
    channels, keep = channels_axis(layer, x), bool(layer.get("keepdims", False))
    axes = sorted(x.axis(a) for a in range(1, x.rank) if a != channels)

    def reduced() -> Var:
        return _largest(x.stored, axes, keep) if largest else ops.reduce_mean(x.stored, ints(axes), keepdims=int(keep))

    return Tensor(reduced, first=keep and x.first)


def _largest(var: Var, axes: list[int], keep: bool = False) -> Var:
    """The largest along some axes, in the type of the numbers."""
    dtype = dtype_of(var)
    direct = dtype.kind == "f" or dtype in (np.int32, np.int64, np.int8, np.uint8, np.bool_)
    found = ops.reduce_max(var if direct else cast(var, np.int64), ints(axes), keepdims=int(keep))
    return found if direct else cast(found, dtype)


@emits("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D")
def adaptive_average(layer: Layer, x: Tensor) -> Tensor:
    """Windows from floor(i * n / size) to ceil((i + 1) * n / size), axis by axis, each as a product with their weights."""
    var, last = spatial(layer, floats(layer, x))
    for axis, wanted in enumerate(spread(layer.get("output_size"), x.rank - 2), start=2):
        var = _averaged(var, axis, wanted)
    return Tensor.of(var, first=last)


@emits("AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D")
def adaptive_maximum(layer: Layer, x: Tensor) -> Tensor:
    """The largest in the same windows, axis by axis."""
    var, last = spatial(layer, x)
    for axis, wanted in enumerate(spread(layer.get("output_size"), x.rank - 2), start=2):
        windows = _windows(var, axis, wanted)
        most = max(map(len, windows))
        index = np.array([[*window, *[window.start] * (most - len(window))] for window in windows], np.int64)
        var = _largest(ops.gather(var, constant(index), axis=axis), [axis + 1])
    return Tensor.of(var, first=last)


def _averaged(var: Var, axis: int, wanted: int) -> Var:
    weights = np.zeros((shape_of(var)[axis] or 0, wanted))
    for i, window in enumerate(_windows(var, axis, wanted)):
        weights[window, i] = 1 / len(window)
    return moved(ops.matmul(moved(var, axis, -1), constant_like(var, weights)), -1, axis)


def _windows(var: Var, axis: int, wanted: int) -> list[range]:
    size = shape_of(var)[axis]
    if size is None:
        raise UnsupportedError("adaptive pooling of an axis whose size is not fixed")
    return [range(i * size // wanted, -(-(i + 1) * size // wanted)) for i in range(wanted)]
