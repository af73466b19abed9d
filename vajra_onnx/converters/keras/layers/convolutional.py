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
from ....graph.values import constant_like, deferred, dtype_of
from ..activations import activated, is_linear
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, spatial
from .core import Affine, affine

WINDOW = ("filters", "kernel_size", "rank")


@emits("Conv1D", "Conv2D", "Conv3D")
def convolution(layer: Layer, x: Tensor) -> Tensor:
    """Strides, dilation, groups; padding valid, same or causal."""
    layer.ignore(*WINDOW)
    return _linear(layer, x, affine(layer), layer.get("groups", 1))


@emits("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(layer: Layer, x: Tensor) -> Tensor:
    """Every channel by itself: as many groups as channels."""
    layer.ignore(*WINDOW, "depth_multiplier", "groups")
    deep = affine(layer)
    *window, inputs, multiplier = deep.shape
    kernel = Affine((*window, 1, inputs * multiplier), lambda: _grouped(deep.kernel()), deep.bias)
    return _linear(layer, x, kernel, inputs)


@emits("SeparableConv1D", "SeparableConv2D")
def separable(layer: Layer, x: Tensor) -> Tensor:
    """A depthwise convolution without bias, then one of size 1 with it."""
    layer.ignore(*WINDOW, "depth_multiplier", "groups")
    deep, point = layer.weight("vars/0"), affine(layer, 1)
    source, window = unpadded(layer, x, conv_window(layer, deep.shape))
    var, last = spatial(layer, floats(layer, source))
    var = convolved(var, _grouped(deep), None, **window, group=deep.shape[-2])

    def of(weights: Affine) -> Tensor:
        fold = (lambda *by: of(weights.rescaled(*by))) if last else None
        return Tensor(lambda: _convolved(var, weights, auto_pad="VALID"), last, None, fold, len(weights.shape))

    return activated(layer, of(point))


def _grouped(kernel: np.ndarray) -> np.ndarray:
    """A depthwise kernel [*window, inputs, multiplier] as one of a grouped convolution, [*window, 1, inputs * multiplier]."""
    return kernel.reshape(*kernel.shape[:-2], 1, -1)


def _linear(layer: Layer, x: Tensor, kernel: Affine, groups: int) -> Tensor:
    """The convolution, into which a normalization that follows at once can be folded, and the activation."""
    source, window = unpadded(layer, x, conv_window(layer, kernel.shape))
    last = layer.get("data_format", "channels_last") == "channels_last"

    def of(weights: Affine) -> Tensor:
        def make() -> Var:
            return _convolved(spatial(layer, floats(layer, source))[0], weights, **window, group=groups)

        fold = (lambda *by: of(weights.rescaled(*by))) if last else None
        return Tensor(make, first=last, rescaled=fold, axes=len(kernel.shape))

    return of(kernel) if is_linear(layer) else activated(layer, of(kernel))


def conv_window(layer: Layer, kernel: Sequence[int]) -> dict[str, Any]:
    """Strides, dilation and padding as ONNX has them. `same` pads the end more, in TensorFlow as in SAME_UPPER."""
    rank = len(kernel) - 2
    dilations = spread(layer.get("dilation_rate", 1), rank)
    padding = layer.get("padding", "valid")
    window: dict[str, Any] = {"strides": spread(layer.get("strides", 1), rank), "dilations": dilations}
    if padding == "causal":
        return window | {"pads": [(kernel[0] - 1) * dilations[0], 0]}
    # Whatever the size; and onnxruntime has no dilation beside auto_pad.
    if padding == "same" and window["strides"] == [1] * rank:
        more = [(k - 1) * d for k, d in zip(kernel, dilations, strict=False)]
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


def _convolved(x: Var, weights: Affine, **window: Any) -> Var:
    """`convolved` with weights that are read later."""
    _refuse_float64(x)
    *size, inputs, outputs = weights.shape
    kernel = deferred((outputs, inputs, *size), dtype_of(x), lambda: np.moveaxis(weights.kernel(), (-1, -2), (0, 1)))
    offset = None if weights.bias is None else constant_like(x, weights.bias())
    return ops.conv(x, kernel, offset, kernel_shape=size, **window)


def convolved(x: Var, kernel: np.ndarray, bias: np.ndarray | None, **window: Any) -> Var:
    """x: [N, inputs, *space]; kernel: [*window, inputs / groups, outputs]."""
    _refuse_float64(x)
    weights = constant_like(x, np.moveaxis(kernel, (-1, -2), (0, 1)))
    offset = None if bias is None else constant_like(x, bias)
    return ops.conv(x, weights, offset, kernel_shape=list(kernel.shape[:-2]), **window)


def _refuse_float64(x: Var) -> None:
    if dtype_of(x) == np.float64:
        raise UnsupportedError(
            "a convolution in float64", expected="float32", hint="onnxruntime has none; use the policy float32"
        )
