"""keras.layers.preprocessing.image_preprocessing: Resizing, CenterCrop.
Source: `keras.src.backend.tensorflow.image.resize` and `keras.src.utils.image_utils.smart_resize`."""

from __future__ import annotations

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, constant, constant_like, dtype_of
from ...backend import answers_as
from ...emit import emits
from ...layer import Layer
from ...precision import HALVES, policy_of, rounded
from ...tensor import Tensor, shape_of
from ...values import channels_axis, floats, ints, pads_of
from .interpolation import area_factor, resized_axis

METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5")
FAR = np.iinfo(np.int64).max


@emits("Resizing")
def resizing(layer: Layer, x: Tensor) -> Tensor:
    """Images of another size, in their own dtype: integers are rounded to even and kept in range."""
    layer.only("interpolation", *METHODS)
    layer.only("fill_mode", "constant")
    layer.ignore("bounding_box_format")
    axes, size = _space(layer, x)
    var = x.var
    if layer.get("crop_to_aspect_ratio", False):
        var = _cropped(layer, var, axes, size)
    if layer.get("pad_to_aspect_ratio", False):
        var = _padded(layer, var, axes, size, layer.get("fill_value", 0.0))
    else:
        layer.ignore("fill_value")
    return Tensor.of(resized(var, axes, size, layer.get("interpolation", "bilinear"), bool(layer.get("antialias", False))))


@emits("CenterCrop", rounds=False)
def center_crop(layer: Layer, x: Tensor) -> Tensor:
    """The middle of the images; of smaller ones the largest window of the same shape, resized, which is float32 in any policy."""
    layer.ignore("bounding_box_format")
    x = _computed(layer, x)
    axes, size = _space(layer, x)
    less = [before - after for before, after in zip(_sizes(layer, x.var, axes), size, strict=True)]
    if min(less) >= 0:
        begins = [n // 2 for n in less]
        ends = [b + n for b, n in zip(begins, size, strict=True)]
        return Tensor.of(ops.slice(x.var, ints(begins), ints(ends), ints(axes)))
    window = cast(_cropped(layer, x.var, axes, size), np.float32)
    return Tensor.of(resized(window, axes, size, "bilinear", False))


def _computed(layer: Layer, x: Tensor) -> Tensor:
    """The images in the type of the policy, which may be one of whole numbers."""
    policy = policy_of(layer.config)
    if policy in HALVES:
        return rounded(floats(layer, x), HALVES[policy])
    if x.dtype.kind == "f" and np.dtype(policy).kind != "f":
        raise UnsupportedError(f"{layer.class_name} of floats in a policy of whole numbers", got=policy)
    return x.map(lambda var: cast(var, np.dtype(policy)))


def _space(layer: Layer, x: Tensor) -> tuple[list[int], list[int]]:
    """The axes of height and width, and what their sizes are to be."""
    channels = channels_axis(layer, x)
    if x.rank != 4:
        raise UnsupportedError(layer.class_name, expected="images [N, H, W, C]", got=f"{x.rank} axes")
    return [a for a in range(1, 4) if a != channels], [int(layer.get("height")), int(layer.get("width"))]


def _sizes(layer: Layer, var: Var, axes: list[int]) -> list[int]:
    sizes = [shape_of(var)[a] for a in axes]
    if None in sizes:
        raise UnsupportedError(f"{layer.class_name} of images whose size is not fixed", hint="fix height and width")
    return [int(n or 0) for n in sizes]


def _window(sizes: list[int], wanted: list[int]) -> list[int]:
    """Height and width of the window with the wanted shape, were the other side kept."""
    (height, width), (new_height, new_width) = sizes, wanted
    f = np.float32
    return [int(f(width * new_height) / f(new_width)), int(f(height * new_width) / f(new_height))]


def _cropped(layer: Layer, var: Var, axes: list[int], wanted: list[int]) -> Var:
    """The largest window in the middle that has the wanted shape."""
    sizes = _sizes(layer, var, axes)
    window = [max(min(n, w), 1) for n, w in zip(sizes, _window(sizes, wanted), strict=True)]
    begins = [(n - w) // 2 for n, w in zip(sizes, window, strict=True)]
    ends = [b + w for b, w in zip(begins, window, strict=True)]
    return ops.slice(var, ints(begins), ints(ends), ints(axes)) if window != sizes else var


def _padded(layer: Layer, var: Var, axes: list[int], wanted: list[int], fill: float) -> Var:
    """The images in the middle of the smallest window that has the wanted shape, one line less where that does not come out."""
    sizes = _sizes(layer, var, axes)
    window = [max(n, w) for n, w in zip(sizes, _window(sizes, wanted), strict=True)]
    ends = [(w - n) // 2 for n, w in zip(sizes, window, strict=True)]
    return ops.pad(var, pads_of(len(shape_of(var)), axes, ends, ends), constant_like(var, fill)) if any(ends) else var


def resized(var: Var, axes: list[int], size: list[int], method: str, antialias: bool) -> Var:
    """In float32, in the order of axes that TensorFlow has, and back in the dtype of the images."""
    if [shape_of(var)[a] for a in axes] == size:
        return var
    dtype = dtype_of(var)
    if dtype.kind == "b":
        raise UnsupportedError("Resizing of booleans", hint="cast them to float32 before")
    if dtype.kind in "iu" and method != "nearest" and (answers_as("torch") or answers_as("jax")):
        raise UnsupportedError(
            f"{method} Resizing of whole numbers on torch or JAX, whose build decides the last bit of what is rounded",
            got=str(dtype),
            hint="rescale to floats before, or resize on TensorFlow",
        )
    result = var if method == "nearest" else cast(var, np.float32)
    steps = list(zip(axes, size, strict=True))
    if method == "area" or (method == "bilinear" and not antialias) or answers_as("torch"):
        steps.reverse()  # width first
    for axis, wanted in steps:
        if method == "nearest" or shape_of(var)[axis] != wanted:
            result = resized_axis(result, axis, wanted, method, antialias)
    if method == "area":
        result = ops.mul(result, constant_like(result, area_factor([shape_of(var)[a] for a in axes], size)))
    if method == "nearest" or dtype.kind == "f":
        return cast(result, dtype)
    low, high = (np.float32(v) for v in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    if high > np.iinfo(dtype).max:
        high = np.nextafter(high, np.float32(0))
    return cast(ops.clip(ops.round(result), constant(low), constant(high)), dtype)
