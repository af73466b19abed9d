"""keras.layers.reshaping. Source: `keras.src.layers.reshaping`."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant, constant_like, dtype_of
from ..backend import answers_as
from ..emit import emits
from ..layer import Layer
from ..tensor import Padded, Tensor, shape_of
from ..values import channels_axis, ints, pads_of
from .convolutional import spread
from .preprocessing.interpolation import resized_axis
from .preprocessing.resizing import resized


@emits("Flatten")
def flatten(layer: Layer, x: Tensor) -> Tensor:
    """[N, everything]; channels that come first are moved to the end before."""
    channels = channels_axis(layer, x)
    var = x.var
    if channels == 1 and x.rank > 2:
        var = ops.transpose(var, perm=[0, *range(2, x.rank), 1])
    return Tensor.of(ops.flatten(var, axis=1) if x.rank != 2 else var)


@emits("Reshape")
def reshape(layer: Layer, x: Tensor) -> Tensor:
    """[N, *target]."""
    target = layer.get("target_shape")
    if x.rank == 2 and len(target) > 1 and set(target[:-1]) == {1}:  # what comes of a global pooling: the channels can come first
        return Tensor.of(ops.reshape(x.var, ints([0, -1, *target[:-1]])), first=True)
    return Tensor.of(ops.reshape(x.var, ints([0, *(-1 if n is None else n for n in target)])))


@emits("Permute")
def permute(layer: Layer, x: Tensor) -> Tensor:
    """Axes in another order, counted from 1 after the batch's."""
    return Tensor.of(ops.transpose(x.var, perm=[0, *layer.get("dims")]))


@emits("RepeatVector")
def repeat_vector(layer: Layer, x: Tensor) -> Tensor:
    """[N, F] as [N, times, F]."""
    return Tensor.of(ops.tile(ops.unsqueeze(x.var, ints(1)), ints([1, layer.get("n"), 1])))


@emits("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(layer: Layer, x: Tensor) -> Tensor:
    """Zeros before and behind, by axis."""
    axes, ends = _axes(layer, x), _ends(layer, x, "padding")
    pads = [begin for begin, _ in ends] + [end for _, end in ends]
    around = pads_of(x.rank, axes, [begin for begin, _ in ends], [end for _, end in ends])
    before = Padded(x, pads, layer.get("data_format", "channels_last"))
    return Tensor(
        lambda: ops.pad(x.stored, around, constant_like(x.stored, 0)),
        x.first, axes=x.axes, padded=before, positive=x.positive,
    )  # fmt: skip


@emits("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(layer: Layer, x: Tensor) -> Tensor:
    """Cut off before and behind, by axis."""
    axes, ends = _axes(layer, x), _ends(layer, x, "cropping")
    far = np.iinfo(np.int64).max
    begins, stops = ints([b for b, _ in ends]), ints([-e if e else far for _, e in ends])
    return Tensor(lambda: ops.slice(x.stored, begins, stops, ints(axes)), x.first)


@emits("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(layer: Layer, x: Tensor) -> Tensor:
    """Every entry several times, or interpolated between the centres of the entries."""
    method = layer.get("interpolation", "nearest")
    axes, sizes = _axes(layer, x), spread(layer.get("size"), x.rank - 2)
    if method == "nearest":
        return Tensor(lambda: _repeated(x.stored, axes, sizes, x.rank), x.first)
    layer.only("interpolation", "nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    if x.dtype != np.float32:
        sizes = [_known(layer, x.shape[a]) * n for a, n in zip(_places(layer, x), sizes, strict=True)]
        return Tensor.of(resized(x.var, _places(layer, x), sizes, method, antialias=False))
    last = channels_axis(layer, x) != 1
    if method != "bilinear":
        return Tensor.of(_resized(layer, x.channels_first if last else x.var, sizes, method), first=last)
    source = x.channels_first if last else x.var
    scales = constant(np.array([1, 1, *sizes], np.float32))
    var = ops.resize(source, None, scales, mode="linear", coordinate_transformation_mode="half_pixel")
    return Tensor.of(var, first=last)


def _resized(layer: Layer, images: Var, sizes: list[int], method: str) -> Var:
    """As Resizing does it, in the order of axes of each backend. images: [N, C, H, W]."""
    space = shape_of(images)[2:]
    if None in space or dtype_of(images).kind != "f":
        got = f"{dtype_of(images)} of {shape_of(images)}"
        raise UnsupportedError(f"{layer.class_name}(interpolation={method!r})", expected="floats of a fixed size", got=got)
    steps = list(zip((2, 3), space, sizes, strict=True))
    for axis, before, factor in reversed(steps) if answers_as("torch") else steps:
        images = resized_axis(images, axis, int(before or 0) * factor, method, antialias=False)
    return images


def _repeated(var: Var, axes: list[int], sizes: list[int], rank: int) -> Var:
    if dtype_of(var) not in (np.float32, np.int32, np.uint8):  # ONNX Runtime's Resize takes no others
        return _copied(var, axes, sizes, rank)
    scales: list[Any] = [1.0] * rank
    for axis, size in zip(axes, sizes, strict=True):
        scales[axis] = float(size)
    factors = constant(np.array(scales, np.float32))
    return ops.resize(var, None, factors, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def _copied(var: Var, axes: list[int], sizes: list[int], rank: int) -> Var:
    """The same by Tile, axis by axis."""
    for axis, size in zip(axes, sizes, strict=True):
        factors = np.ones(rank, np.int64)
        factors[axis] = size
        times = np.insert(np.ones(rank, np.int64), axis + 1, size)
        shape = ops.mul(ops.shape(var), constant(factors))
        var = ops.reshape(ops.tile(ops.unsqueeze(var, ints(axis + 1)), constant(times)), shape)
    return var


def _places(layer: Layer, x: Tensor) -> list[int]:
    """The axes of space in the layout of the original."""
    channels = channels_axis(layer, x)
    return [a for a in range(1, x.rank) if a != channels]


def _axes(layer: Layer, x: Tensor) -> list[int]:
    """The axes of space, by their places in `x.stored`."""
    return [x.axis(a) for a in _places(layer, x)]


def _known(layer: Layer, size: int | None) -> int:
    if size is None:
        raise UnsupportedError(f"{layer.class_name} of images whose size is not fixed", hint="cast to float32 before")
    return size


def _ends(layer: Layer, x: Tensor, key: str) -> list[list[int]]:
    """Before and behind, for every axis of space."""
    ends = layer.get(key)
    if isinstance(ends, int):
        return [[ends, ends]] * (x.rank - 2)
    return [list(ends)] if x.rank == 3 else [[e, e] if isinstance(e, int) else list(e) for e in ends]
