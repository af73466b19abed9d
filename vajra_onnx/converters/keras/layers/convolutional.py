"""keras.layers.convolutional: everything that convolves forward. Source: `keras.src.layers.convolutional`.

Kernels are [*window, inputs / groups, outputs] in Keras and [outputs, inputs / groups, *window] in ONNX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..activations import activated, is_linear
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, spatial
from .core import affine, rescaled

WINDOW = ("filters", "kernel_size", "rank")


@emits("Conv1D", "Conv2D", "Conv3D")
def convolution(layer: Layer, x: Tensor) -> Tensor:
    """Strides, dilation, groups; padding valid, same or causal."""
    layer.ignore(*WINDOW)
    kernel, bias = affine(layer)
    return _linear(layer, x, kernel, bias, layer.get("groups", 1))


@emits("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(layer: Layer, x: Tensor) -> Tensor:
    """Every channel by itself: as many groups as channels."""
    layer.ignore(*WINDOW, "depth_multiplier", "groups")
    kernel, bias = affine(layer)
    return _linear(layer, x, _grouped(kernel), bias, kernel.shape[-2])


@emits("SeparableConv1D", "SeparableConv2D")
def separable(layer: Layer, x: Tensor) -> Tensor:
    """A depthwise convolution without bias, then one of size 1 with it."""
    layer.ignore(*WINDOW, "depth_multiplier", "groups")
    deep, point, *bias = layer.weights(3 if layer.get("use_bias", True) else 2)
    source, window = unpadded(layer, x, conv_window(layer, deep))
    var, last = spatial(layer, floats(layer, source))
    var = convolved(var, _grouped(deep), None, **window, group=deep.shape[-2])

    def of(weights: np.ndarray, offset: np.ndarray | None) -> Tensor:
        def fold(scale: np.ndarray, shift: np.ndarray) -> Tensor:
            return of(*rescaled(weights, offset, scale, shift))

        return Tensor(lambda: convolved(var, weights, offset, auto_pad="VALID"), last, None, fold if last else None, point.ndim)

    return activated(layer, of(point, bias[0] if bias else None))


def _grouped(kernel: np.ndarray) -> np.ndarray:
    """A depthwise kernel [*window, inputs, multiplier] as one of a grouped convolution, [*window, 1, inputs * multiplier]."""
    return kernel.reshape(*kernel.shape[:-2], 1, -1)


def _linear(layer: Layer, x: Tensor, kernel: np.ndarray, bias: np.ndarray | None, groups: int) -> Tensor:
    """The convolution, into which a normalization that follows at once can be folded, and the activation."""
    source, window = unpadded(layer, x, conv_window(layer, kernel))
    linear = is_linear(layer)
    last = layer.get("data_format", "channels_last") == "channels_last"

    def of(weights: np.ndarray, offset: np.ndarray | None) -> Tensor:
        def fold(scale: np.ndarray, shift: np.ndarray) -> Tensor:
            return of(*rescaled(weights, offset, scale, shift))

        def make() -> Var:
            return convolved(spatial(layer, floats(layer, source))[0], weights, offset, **window, group=groups)

        return Tensor(make, first=last, rescaled=fold if last else None, axes=kernel.ndim)

    return of(kernel, bias) if linear else activated(layer, of(kernel, bias))


def conv_window(layer: Layer, kernel: np.ndarray) -> dict[str, Any]:
    """Strides, dilation and padding as ONNX has them. `same` pads the end more, in TensorFlow as in SAME_UPPER."""
    rank = kernel.ndim - 2
    dilations = spread(layer.get("dilation_rate", 1), rank)
    padding = layer.get("padding", "valid")
    window: dict[str, Any] = {"strides": spread(layer.get("strides", 1), rank), "dilations": dilations}
    if padding == "causal":
        return window | {"pads": [(kernel.shape[0] - 1) * dilations[0], 0]}
    # Whatever the size; and onnxruntime has no dilation beside auto_pad.
    if padding == "same" and window["strides"] == [1] * rank:
        more = [(k - 1) * d for k, d in zip(kernel.shape, dilations, strict=False)]
        return window | {"pads": [n // 2 for n in more] + [n - n // 2 for n in more]}
    return window | {"auto_pad": auto_pad(padding)}


def unpadded(layer: Layer, x: Tensor, window: dict[str, Any]) -> tuple[Tensor, dict[str, Any]]:
    """The tensor without the zeros that were put around it just before, where the window can put them there itself."""
    before = x.padded
    if before is None or window.get("auto_pad") != "VALID" or before.data_format != layer.get("data_format", "channels_last"):
        return x, window
    return before.tensor, {key: value for key, value in window.items() if key != "auto_pad"} | {"pads": before.pads}


def auto_pad(padding: str) -> str:
    """ONNX' word for valid and same."""
    if padding not in ("valid", "same"):
        raise UnsupportedError("padding", expected="valid | same | causal", got=repr(padding))
    return {"valid": "VALID", "same": "SAME_UPPER"}[padding]


def spread(size: int | Sequence[int], rank: int) -> list[int]:
    """One number for every axis of the window."""
    return [size] * rank if isinstance(size, int) else [int(s) for s in size]


def convolved(x: Var, kernel: np.ndarray, bias: np.ndarray | None, **window: Any) -> Var:
    """x: [N, inputs, *space]; kernel: [*window, inputs / groups, outputs]."""
    weights = constant_like(x, np.moveaxis(kernel, (-1, -2), (0, 1)))
    offset = None if bias is None else constant_like(x, bias)
    return ops.conv(x, weights, offset, kernel_shape=list(kernel.shape[:-2]), **window)
