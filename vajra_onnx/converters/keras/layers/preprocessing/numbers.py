"""keras.layers.preprocessing: numbers. Source: `keras.src.layers.preprocessing`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....graph import ops
from .....graph.values import constant_like
from ...backend import answers_as
from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import floats

EPSILON = 1e-7  # keras.config.epsilon()


@emits("Rescaling", masking=True)
def rescaling(layer: Layer, x: Tensor) -> Tensor:
    """x * scale + offset."""
    scale, offset = (_parameter(layer.get(key, default)) for key, default in (("scale", 1.0), ("offset", 0.0)))
    x = floats(layer, x)
    if scale.ndim or offset.ndim:
        return Tensor.of(ops.add(ops.mul(x.var, constant_like(x.var, scale)), constant_like(x.var, offset)))
    scaled = x.map(lambda var: ops.mul(var, constant_like(var, scale))) if scale != 1 else x
    return scaled.map(lambda var: ops.add(var, constant_like(var, offset))) if offset != 0 else scaled


def _parameter(value: Any) -> np.ndarray:
    """Python's floats become float32 in TensorFlow, also where the layer computes in float64."""
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype.kind == "f" and answers_as("tensorflow") else array


@emits("Normalization", masking=True)
def normalization(layer: Layer, x: Tensor) -> Tensor:
    """(x - mean) / max(sqrt(variance), epsilon) along the axes that it was adapted to; the other way round where inverted."""
    x = floats(layer, x)
    axis = layer.get("axis", -1)
    axes = [] if axis is None else sorted(a % x.rank for a in ([axis] if isinstance(axis, int) else axis))
    shape = [x.shape[a] if a in axes else 1 for a in range(x.rank)]
    var = x.var
    mean, variance = (_shaped(w.astype(layer.half or layer.dtype), shape) for w in _statistics(layer))
    divisor = constant_like(var, np.maximum(np.sqrt(variance), variance.dtype.type(EPSILON)))
    if layer.get("invert", False):
        return Tensor.of(ops.add(constant_like(var, mean), ops.mul(var, divisor)))
    return Tensor.of(ops.div(ops.sub(var, constant_like(var, mean)), divisor))


def _statistics(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance: given as parameters, or learned by `adapt`."""
    given = [layer.get(key) for key in ("mean", "variance")]
    if given[0] is not None:
        return np.asarray(given[0], np.float32), np.asarray(given[1], np.float32)
    mean, variance, _ = layer.weights(3)
    return mean, variance


def _shaped(values: np.ndarray, shape: list[int | None]) -> np.ndarray:
    if values.size == 1:
        return values.reshape([1] * len(shape))
    return values.reshape([-1 if n is None else n for n in shape])
