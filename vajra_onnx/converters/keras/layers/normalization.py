"""keras.layers.normalization. Source: `keras.src.layers.normalization`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.batch_norm import batch_normalized
from ....graph.values import cast, constant_like
from ..emit import emit, emits
from ..layer import Layer
from ..tensor import Tensor, moved, shape_of
from ..values import floats, ints, scaled


@emits("BatchNormalization", masking=True, autocast=False)
def batch_normalization(layer: Layer, x: Tensor) -> Tensor:
    """x * scale + offset of the moving statistics, folded into the layer before where that is linear."""
    layer.ignore("momentum", "synchronized", "renorm_clipping", "renorm_momentum")
    has_scale, has_center = layer.get("scale", True), layer.get("center", True)
    more = 3 if layer.get("renorm", False) else 0  # statistics of training alone
    weights = layer.weights(2 + has_scale + has_center + more)
    *own, mean, variance = (w.astype(np.float64) for w in weights[: len(weights) - more])
    scale = 1 / np.sqrt(variance + layer.get("epsilon", 1e-3))
    if has_scale:
        scale = scale * own[0]
    offset = (own[-1] if has_center else 0) - mean * scale
    axis = _axis(layer, x)
    if x.rescaled is not None and axis == x.rank - 1:
        return x.rescaled(scale, offset).masked(x.mask)
    place = x.axis(axis)
    apply = batch_normalized if place == 1 and x.rank == 4 else partial(scaled, axis=place)
    return floats(layer, x).map(lambda var: apply(var, scale, np.broadcast_to(offset, scale.shape)))


@emits("LayerNormalization", masking=True, autocast=False)
def layer_normalization(layer: Layer, x: Tensor) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta ; one operator where the axes are the last ones."""
    layer.only("rms_scaling", False)
    gamma, beta = _gains(layer)
    var, axes, epsilon = _computed(layer, x).var, _axes(layer, x.rank), layer.get("epsilon", 1e-3)
    if axes == list(range(axes[0], x.rank)):
        gain = np.ones([_size(var, a) for a in axes]) if gamma is None else gamma
        bias = None if beta is None else constant_like(var, beta)
        return Tensor.of(ops.layer_normalization(var, constant_like(var, gain), bias, axis=axes[0], epsilon=epsilon)[0])
    centred = ops.sub(var, ops.reduce_mean(var, ints(axes), keepdims=1))
    variance = ops.reduce_mean(ops.mul(centred, centred), ints(axes), keepdims=1)
    var = ops.div(centred, ops.sqrt(ops.add(variance, constant_like(var, epsilon))))
    shape = [_size(var, a) if a in axes else 1 for a in range(x.rank)]
    return Tensor.of(_gained(var, gamma, beta, shape))


@emits("GroupNormalization", masking=True, autocast=False)
def group_normalization(layer: Layer, x: Tensor) -> Tensor:
    """Mean and variance over everything but the rows and the groups of channels."""
    gamma, beta = _gains(layer)
    axis, groups = _axis(layer, x), layer.get("groups", 32)
    var = moved(_computed(layer, x).var, axis, 1)
    channels = _size(var, 1)
    groups = channels if groups == -1 else groups
    ones, zeros = (constant_like(var, np.full(groups, v)) for v in (1.0, 0.0))
    grouped = ops.reshape(var, ints([0, groups, -1]))
    normal = ops.instance_normalization(grouped, ones, zeros, epsilon=layer.get("epsilon", 1e-3))
    result = ops.reshape(normal, ops.shape(var))
    return Tensor.of(moved(_gained(result, gamma, beta, [1, channels] + [1] * (x.rank - 2)), 1, axis))


@emits("RMSNormalization", masking=False)
def rms_normalization(layer: Layer, x: Tensor) -> Tensor:
    """x / sqrt(mean(x^2) + epsilon) * scale."""
    (scale,) = layer.weights(1)
    var, axes = _computed(layer, x).var, _axes(layer, x.rank)
    mean = ops.reduce_mean(ops.mul(var, var), ints(axes), keepdims=1)
    var = ops.div(var, ops.sqrt(ops.add(mean, constant_like(var, layer.get("epsilon", 1e-6)))))
    return Tensor.of(ops.mul(var, constant_like(var, scale)))


@emits("UnitNormalization", masking=True)
def unit_normalization(layer: Layer, x: Tensor) -> Tensor:
    """x / |x|, |x| at least 1e-12; in float16, where small squares are 0 and 1e12 is infinite, a row of zeros is NaN."""
    var, axes = floats(layer, x).var, _axes(layer, x.rank)
    squares = ops.mul(var, var)
    if layer.half == np.float16:
        total = ops.reduce_sum(cast(cast(squares, np.float16), np.float32), ints(axes), keepdims=1)
        return Tensor.of(ops.div(var, ops.sqrt(cast(cast(total, np.float16), np.float32))))
    total = ops.reduce_sum(squares, ints(axes), keepdims=1)
    return Tensor.of(ops.div(var, ops.sqrt(ops.max([total, constant_like(var, 1e-24)]))))


@emits("SpectralNormalization")
def spectral_normalization(layer: Layer, x: Tensor) -> Tensor:
    """The layer inside, whose kernel training alone normalizes, in the type of what comes in."""
    layer.ignore("power_iterations")
    kernel, _ = layer.weights(2)
    inside = layer.child("layer", "layer")
    if x.dtype.kind != "f" and x.dtype.itemsize < 4:
        raise UnsupportedError(
            f"SpectralNormalization of {x.dtype}, to which Keras cuts off the result", hint="cast to float32 before"
        )
    if not np.array_equal(kernel, inside.weight("vars/0"), equal_nan=True):
        raise UnsupportedError("SpectralNormalization whose kernel is not that of its layer in the file")
    (result,) = emit(inside, [x], {})
    return result.map(lambda var: cast(var, x.dtype))


def _computed(layer: Layer, x: Tensor) -> Tensor:
    """What is normalized. Raises UnsupportedError for types to which Keras rounds the result: integers, foreign float16."""
    if x.dtype.kind != "f" or (x.dtype == np.float16 and layer.half is None):
        hint = "cast to float32 before: Keras rounds the result to the type of what comes in"
        raise UnsupportedError(f"{layer.class_name} of {x.dtype}", expected="float32", hint=hint)
    return floats(layer, x)


def _gains(layer: Layer) -> tuple[np.ndarray | None, np.ndarray | None]:
    scale, center = layer.get("scale", True), layer.get("center", True)
    own = layer.weights(int(scale) + int(center))
    return own[0] if scale else None, own[-1] if center else None


def _gained(var: Var, gamma: np.ndarray | None, beta: np.ndarray | None, shape: Sequence[int]) -> Var:
    if gamma is not None:
        var = ops.mul(var, constant_like(var, gamma.reshape(shape)))
    return var if beta is None else ops.add(var, constant_like(var, beta.reshape(shape)))


def _axis(layer: Layer, x: Tensor) -> int:
    (axis,) = _axes(layer, x.rank)
    return axis


def _axes(layer: Layer, rank: int) -> list[int]:
    axis = layer.get("axis", -1)
    return sorted(a % rank for a in ([axis] if isinstance(axis, int) else axis))


def _size(var: Var, axis: int) -> int:
    size = shape_of(var)[axis]
    if size is None:
        raise UnsupportedError("normalization over an axis whose size is not fixed")
    return size
