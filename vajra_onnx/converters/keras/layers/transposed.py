"""keras.layers.convolutional: the transposed convolutions. Source: `keras.src.layers.convolutional.base_conv_transpose`, and for
what is cut off, TensorFlow: the gradient of the convolution that pads so."""

from __future__ import annotations

import numpy as np

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..activations import activated
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, spatial
from .convolutional import WINDOW, spread
from .core import affine


@emits("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def transposed(layer: Layer, x: Tensor) -> Tensor:
    """Kernels are [*window, outputs, inputs] in Keras and [inputs, outputs, *window] in ONNX."""
    layer.ignore(*WINDOW)
    layer.only("groups", 1)
    weights = affine(layer)
    kernel = weights.kernel()
    rank, padding = kernel.ndim - 2, layer.get("padding", "valid")
    strides, dilations = (spread(layer.get(key, 1), rank) for key in ("strides", "dilation_rate"))
    if any(d > 1 for d in dilations) and any(s > 1 for s in strides):
        raise UnsupportedError("a transposed convolution with strides and dilation")
    extra = layer.get("output_padding")
    wanted = [None] * rank if extra is None else spread(extra, rank)
    ends = [_ends((k - 1) * d + 1, s, padding, e) for k, d, s, e in zip(kernel.shape, dilations, strides, wanted, strict=False)]
    var, last = spatial(layer, floats(layer, x))
    var = ops.conv_transpose(
        var,
        constant_like(var, np.moveaxis(kernel, (-1, -2), (0, 1))),
        None if weights.bias is None else constant_like(var, weights.bias()),
        kernel_shape=list(kernel.shape[:-2]),
        strides=strides,
        dilations=dilations,
        pads=[begin for begin, _, _ in ends] + [end for _, end, _ in ends],
        output_padding=[more for _, _, more in ends],
    )
    return activated(layer, Tensor.of(var, first=last))


def _ends(size: int, stride: int, padding: str, extra: int | None) -> tuple[int, int, int]:
    """What is cut off at the beginning and at the end of an axis, and what is put behind it.

    The length is (n - 1) * stride + size, less what is cut off, plus what is put behind; Keras' own length for `same` without
    `output_padding` is n * stride.
    """
    if padding == "valid":
        more = max(stride - size, 0) if extra is None else extra
        return 0, 0, more
    if padding != "same":
        raise UnsupportedError("padding", expected="valid | same", got=repr(padding))
    less = size - stride if extra is None else 2 * (size // 2) - extra
    cut = max(less, 0)
    return cut // 2, cut - cut // 2, cut - less
