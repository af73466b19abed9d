"""keras.ops.nn where an operation computes what a layer computes: it is emitted as that layer, with its operands as weights.
Source: `keras.src.ops.nn`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant, constant_like
from ..archive import Held, Store
from ..backend import answers_as
from ..emit import emit, operation
from ..layer import Layer
from ..layers.attention import causal
from ..tensor import Tensor, shape_of
from ..values import ints, promoted
from .accurate import floating

WINDOWS = {"MaxPool": "MaxPooling", "AveragePool": "AveragePooling"}
ADAPTIVE = {"AdaptiveMaxPool": "AdaptiveMaxPooling", "AdaptiveAveragePool": "AdaptiveAveragePooling"}


@operation("nn", *WINDOWS)
def pooled(layer: Layer, inputs: Tensor) -> Tensor:
    """The largest or the mean of each window."""
    config = {"pool_size": layer.get("pool_size"), "strides": layer.get("strides"), "padding": layer.get("padding", "valid")}
    return as_layer(layer, WINDOWS[layer.class_name], inputs, config)


@operation("nn", *ADAPTIVE)
def adapted(layer: Layer, inputs: Tensor) -> Tensor:
    """As many windows as are wanted."""
    return as_layer(layer, ADAPTIVE[layer.class_name], inputs, {"output_size": layer.get("output_size")})


@operation("nn", "Conv")
def convolution(layer: Layer, inputs: Tensor, kernel: Any) -> Tensor:
    """With as many groups as the kernel's inputs fit into the channels."""
    kernel = _weight(layer, kernel)
    channels = inputs.shape[-1 if layer.get("data_format") != "channels_first" else 1]
    if channels is None:
        raise UnsupportedError("conv of an unknown number of channels")
    return as_layer(layer, "Conv", inputs, {**_window(layer), "groups": channels // kernel.shape[-2]}, kernel)


@operation("nn", "DepthwiseConv")
def depthwise(layer: Layer, inputs: Tensor, kernel: Any) -> Tensor:
    """Every channel by itself."""
    return as_layer(layer, "DepthwiseConv", inputs, _window(layer), _weight(layer, kernel))


@operation("nn", "SeparableConv")
def separable(layer: Layer, inputs: Tensor, depthwise_kernel: Any, pointwise_kernel: Any) -> Tensor:
    """Every channel by itself, then all of them together."""
    kernels = [_weight(layer, k) for k in (depthwise_kernel, pointwise_kernel)]
    return as_layer(layer, "SeparableConv", inputs, _window(layer), *kernels)


@operation("nn", "ConvTranspose")
def transposed(layer: Layer, inputs: Tensor, kernel: Any) -> Tensor:
    """The transpose of a convolution."""
    kernel = _weight(layer, kernel)
    config = {**_window(layer), "output_padding": layer.get("output_padding"), "kernel_size": list(kernel.shape[:-2])}
    return as_layer(layer, "Conv", inputs, config, kernel, suffix="Transpose")


@operation("nn", "DepthToSpace", "SpaceToDepth", kind="moves")
def blocks(layer: Layer, x: Tensor) -> Tensor:
    """Channels as blocks of space, or the reverse: TensorFlow's order, rows and columns of a block before its channels."""
    last, size = layer.get("data_format", "channels_last") == "channels_last", layer.get("block_size")
    if not last and not answers_as("tensorflow"):
        raise UnsupportedError(f"{layer.class_name} with channels first", expected="channels_last", got="another backend's order")
    var = x.channels_first if last else x.var
    if layer.class_name == "DepthToSpace":
        return Tensor.of(ops.depth_to_space(var, blocksize=size, mode="DCR"), first=last)
    return Tensor.of(ops.space_to_depth(var, blocksize=size), first=last)


@operation("nn", "LayerNorm", "RMSNorm")
def normalized(layer: Layer, x: Tensor, gamma: Any = None, beta: Any = None, scale: Any = None) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon), or x / sqrt(mean of squares + epsilon); times a factor, plus an offset."""
    if layer.class_name == "LayerNorm":
        layer.only("rms_scaling", False)
    gain = gamma if gamma is not None else scale
    axis, epsilon = layer.get("axis", -1), layer.get("epsilon") or 1e-7
    axes = sorted(a % x.rank for a in ([axis] if isinstance(axis, int) else axis))
    var = floating(x.var)
    if layer.class_name == "LayerNorm":
        var = ops.sub(var, ops.reduce_mean(var, ints(axes), keepdims=1))
    squares = ops.reduce_mean(ops.mul(var, var), ints(axes), keepdims=1)
    var = ops.div(var, ops.sqrt(ops.add(squares, constant_like(var, epsilon))))
    shape = [x.shape[a] or 1 if a in axes else 1 for a in range(x.rank)]
    if gain is not None:
        var = ops.mul(var, _beside(var, gain, shape))
    return Tensor.of(var if beta is None else ops.add(var, _beside(var, beta, shape)))


@operation("nn", "BatchNorm")
def batch_normalized(layer: Layer, x: Tensor, mean: Any, variance: Any, offset: Any = None, scale: Any = None) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset along one axis, of statistics that are given."""
    axis, var = layer.get("axis") % x.rank, floating(x.var)
    shape = [-1 if a == axis else 1 for a in range(x.rank)]
    factor = ops.sqrt(ops.add(_beside(var, variance, shape), constant_like(var, layer.get("epsilon", 1e-3))))
    factor = ops.reciprocal(factor)
    if scale is not None:
        factor = ops.mul(factor, _beside(var, scale, shape))
    less = ops.mul(_beside(var, mean, shape), factor)
    rest = ops.neg(less) if offset is None else ops.sub(_beside(var, offset, shape), less)
    return Tensor.of(ops.add(ops.mul(var, factor), rest))


@operation("nn", "DotProductAttention")
def attention(
    layer: Layer, query: Tensor, key: Tensor, value: Tensor, bias: Any = None, mask: Any = None, scale: float | None = None
) -> Tensor:
    """query [N, T, H, D], key and value [N, S, G, D]: softmax(query . key * scale + bias) . value, head by head; G heads are
    shared by H / G each. A row that may look at nothing looks at everything."""
    layer.only("attn_logits_soft_cap", None)
    layer.only("flash_attention", None, False)
    q, k, v = (floating(var) for var in promoted(query, key, value))
    heads, groups, width = query.shape[2], key.shape[2], query.shape[3]
    if heads is None or groups is None or width is None:
        raise UnsupportedError("dot_product_attention", expected="a fixed number and width of heads", got=f"{query.shape}")
    if groups not in (1, heads):
        places = constant(np.repeat(np.arange(groups), heads // groups))
        k, v = (ops.gather(var, places, axis=2) for var in (k, v))
    scores = ops.matmul(ops.transpose(q, perm=[0, 2, 1, 3]), ops.transpose(k, perm=[0, 2, 3, 1]))
    scores = ops.mul(scores, constant_like(scores, 1 / np.sqrt(width) if scale is None else scale))
    if bias is not None:
        scores = ops.add(scores, _beside(scores, bias))
    allowed = [] if mask is None else [cast(mask.var, np.bool_) if isinstance(mask, Tensor) else constant(np.asarray(mask, bool))]
    if layer.get("is_causal", False):
        allowed.append(ops.unsqueeze(causal(query.var, key.var), ints(1)))
    for each in allowed:
        scores = ops.where(each, scores, constant_like(scores, -0.7 * float(np.finfo(np.float32).max)))
    result = ops.matmul(ops.softmax(scores, axis=-1), ops.transpose(v, perm=[0, 2, 1, 3]))
    return Tensor.of(ops.transpose(result, perm=[0, 2, 1, 3]))


def as_layer(
    layer: Layer, name: str, x: Tensor, config: Mapping[str, Any], *weights: np.ndarray, suffix: str = "", rank: int | None = None
) -> Tensor:
    """What the layer of this name, 1D, 2D or 3D, answers with these parameters and weights."""
    kind = f"{name}{x.rank - 2 if rank is None else rank}D{suffix}"
    shared = {"dtype": str(x.dtype), "data_format": layer.get("data_format") or "channels_last", "use_bias": False}
    if "Conv" not in name:
        del shared["use_bias"]
    store = Store({f"vars/{i}": Held(weight) for i, weight in enumerate(weights)}, {}, {})
    return emit(Layer("keras.layers", kind, layer.name, {**shared, **config}, store, {}), [x], {})[0]


def _window(layer: Layer) -> dict[str, Any]:
    return {key: layer.get(key, default) for key, default in (("strides", 1), ("padding", "valid"), ("dilation_rate", 1))}


def _weight(layer: Layer, kernel: Any) -> np.ndarray:
    if isinstance(kernel, Tensor):
        raise UnsupportedError(f"{layer.class_name} with a kernel that depends on the input")
    return np.asarray(kernel)


def _beside(var: Var, operand: Any, shape: list[int] | None = None) -> Var:
    """An operand in the type of a tensor, and in this shape."""
    if not isinstance(operand, Tensor):
        array = np.asarray(operand)
        return constant_like(var, array if shape is None else array.reshape(shape))
    other = cast(operand.var, np.float32) if operand.dtype != np.float64 else operand.var
    return other if shape is None or len(shape_of(other)) != 1 else ops.reshape(other, ints(shape))
