"""keras.layers.activations. Source: `keras.src.layers.activations`."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from .. import activations
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, ints


@emits("Activation", masking=True)
def activation(layer: Layer, x: Tensor) -> Tensor:
    """Any function of keras.activations."""
    return activations.activated(layer, floats(layer, x))


@emits("ReLU", masking=True)
def relu(layer: Layer, x: Tensor) -> Tensor:
    """With slope, upper limit and threshold."""
    parameters = [layer.get("negative_slope", 0.0), layer.get("max_value"), layer.get("threshold", 0.0)]
    result = floats(layer, x).map(lambda var: activations.relu(var, *parameters))
    return result if parameters[0] else result.nonnegative()


@emits("LeakyReLU", masking=True)
def leaky_relu(layer: Layer, x: Tensor) -> Tensor:
    """x above 0, slope * x below."""
    slope = layer.get("negative_slope", 0.3)
    return floats(layer, x).map(lambda var: activations.leaky_relu(var, slope))


@emits("ELU", masking=True)
def elu(layer: Layer, x: Tensor) -> Tensor:
    """x above 0, alpha * (exp(x) - 1) below."""
    alpha = layer.get("alpha", 1.0)
    return floats(layer, x).map(lambda var: activations.elu(var, alpha))


@emits("PReLU", masking=True)
def prelu(layer: Layer, x: Tensor) -> Tensor:
    """relu(x) - alpha * relu(-x), alpha learned, one or more per feature."""
    layer.ignore("shared_axes")  # they are in the shape of alpha
    (alpha,) = layer.weights(1)
    if x.first:
        alpha = np.moveaxis(alpha, -1, 0)
    return floats(layer, x).map(lambda var: ops.sub(ops.relu(var), ops.mul(constant_like(var, alpha), ops.relu(ops.neg(var)))))


@emits("Softmax", masking=True)
def softmax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis or several. Where there is a mask, masked entries are -large before, and 0 after."""
    axis: Any = layer.get("axis", -1)
    axes = [axis] if isinstance(axis, int) else list(axis)
    x = floats(layer, x)
    if x.mask is None:
        return x.map(lambda var: _softmax(var, [x.axis(a) for a in axes]))
    if x.rank != 2:
        raise UnsupportedError("Softmax of a masked tensor", expected="a mask of its own shape", got=f"{x.rank} axes")
    mask = x.mask
    hidden = ops.where(mask, x.var, constant_like(x.var, -1e9))
    return Tensor.of(ops.where(mask, _softmax(hidden, axes), constant_like(x.var, 0.0)))


def _softmax(x: Var, axes: list[int]) -> Var:
    if len(axes) == 1:
        return ops.softmax(x, axis=axes[0])
    top = ops.reduce_max(x, ints(axes), keepdims=1)
    exponentials = ops.exp(ops.sub(x, top))
    return ops.div(exponentials, ops.reduce_sum(exponentials, ints(axes), keepdims=1))
