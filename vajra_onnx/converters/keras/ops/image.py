"""keras.ops.image. Source: `keras.src.ops.image`, `keras.src.backend.tensorflow.image`."""

from __future__ import annotations

import numpy as np

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..archive import Store
from ..emit import emit, operation
from ..layer import Layer
from ..tensor import Tensor
from ..values import ints
from .accurate import floating
from .networks import as_layer

SIDES = (("top", "bottom", "height"), ("left", "right", "width"))


@operation("image", "Resize")
def resize(layer: Layer, images: Tensor) -> Tensor:
    """Another size, by any of the interpolations of the layer Resizing."""
    height, width = layer.get("size")
    keys = ("interpolation", "antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode", "fill_value")
    config = {key: layer.get(key) for key in keys if layer.get(key) is not None}
    config |= {"height": height, "width": width, "dtype": "float32" if images.dtype.kind != "f" else str(images.dtype)}
    config["data_format"] = layer.get("data_format") or "channels_last"
    return emit(Layer("keras.layers", "Resizing", layer.name, config, Store({}, {}, {}), {}), [images], {})[0]


@operation("image", "ExtractPatches")
def extract_patches(layer: Layer, images: Tensor) -> Tensor:
    """Windows as channels: a convolution with as many kernels as a window has numbers, each with a single 1."""
    size = layer.get("size")
    size = [size, size] if isinstance(size, int) else list(size)
    channels = images.shape[1 if layer.get("data_format") == "channels_first" else -1]
    if images.rank != len(size) + 2 or channels is None:
        raise UnsupportedError("extract_patches", expected=f"images with {len(size) + 2} axes", got=f"{images.rank} axes")
    count = int(np.prod(size)) * channels
    kernel = np.eye(count, dtype=np.float32).reshape(*size, channels, count)
    config = {key: layer.get(key, default) for key, default in (("padding", "valid"), ("dilation_rate", 1))}
    return as_layer(layer, "Conv", images, {**config, "strides": layer.get("strides") or size}, kernel)


@operation("image", "RGBToGrayscale")
def grayscale(layer: Layer, images: Tensor) -> Tensor:
    """0.2989 red + 0.5870 green + 0.1140 blue."""
    channels = 1 if layer.get("data_format") == "channels_first" else images.rank - 1
    if images.rank != 4 or images.shape[channels] != 3 or images.dtype.kind != "f":
        raise UnsupportedError("rgb_to_grayscale", expected="images of floats [N, H, W, 3]", got=f"{images.dtype} {images.shape}")
    shape = [3 if a == channels else 1 for a in range(4)]
    shares = constant_like(images.var, np.reshape([0.2989, 0.5870, 0.1140], shape))
    return Tensor.of(ops.reduce_sum(ops.mul(floating(images.var), shares), ints(channels), keepdims=1))


@operation("image", "PadImages", kind="moves")
def pad_images(layer: Layer, images: Tensor) -> Tensor:
    """Zeros around images."""
    pads = np.zeros((images.rank, 2), np.int64)
    for axis, (before, after, size) in zip(_space(layer, images), SIDES, strict=True):
        pads[axis] = _ends(layer, images, axis, [f"{before}_padding", f"{after}_padding", f"target_{size}"], sign=1)
    return Tensor.of(ops.pad(images.var, ints(pads.T.ravel().tolist()), constant_like(images.var, 0)))


@operation("image", "CropImages", kind="moves")
def crop_images(layer: Layer, images: Tensor) -> Tensor:
    """A part of images."""
    axes, begins, ends = _space(layer, images), [], []
    for axis, (before, after, size) in zip(axes, SIDES, strict=True):
        first, last = _ends(layer, images, axis, [f"{before}_cropping", f"{after}_cropping", f"target_{size}"], sign=-1)
        begins.append(first)
        ends.append(np.iinfo(np.int64).max if last == 0 else -last)
    return Tensor.of(ops.slice(images.var, ints(begins), ints(ends), ints(axes)))


def _space(layer: Layer, images: Tensor) -> list[int]:
    if images.rank != 4:
        raise UnsupportedError(layer.class_name, expected="images [N, H, W, C]", got=f"{images.rank} axes")
    return [2, 3] if layer.get("data_format") == "channels_first" else [1, 2]


def _ends(layer: Layer, images: Tensor, axis: int, keys: list[str], sign: int) -> list[int]:
    """How much at the beginning and the end of an axis, one of which follows from the size that is wanted."""
    before, after, wanted = (layer.get(key) for key in keys)
    if before is not None and after is not None:
        return [before, after]
    size = images.shape[axis]
    if size is None or wanted is None:
        raise UnsupportedError(layer.class_name, expected="a fixed size, or how much at every side", got=f"{images.shape}")
    rest = sign * (wanted - size)
    return [rest - after, after] if before is None else [before, rest - before]
