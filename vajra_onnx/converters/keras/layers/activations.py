"""keras.layers.activations. Source: `keras.src.layers.activations`."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like, dtype_of
from .. import activations
from ..backend import answers_as
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor, shape_of
from ..values import floats, ints


@emits("Activation", masking=True)
def activation(layer: Layer, x: Tensor) -> Tensor:
    """Any function of keras.activations."""
    narrow = x.dtype.kind in "iu" and x.dtype.itemsize < 4
    if narrow and answers_as("jax") and layer.get("activation") in ("softmax", "log_softmax"):
        raise UnsupportedError(f"softmax of {x.dtype} on JAX, which overflows in it", hint="cast to float32 before")
    kept = layer.get("activation") in ("linear", "relu") or (layer.get("activation") == "relu6" and not answers_as("jax"))
    x = x if kept else floats(layer, x)
    return activations.activated(layer, x.map(lambda var: cast(var, np.int32)) if x.dtype == np.bool_ else x)


@emits("ReLU", masking=True)
def relu(layer: Layer, x: Tensor) -> Tensor:
    """With slope, upper limit and threshold."""
    parameters = [layer.get("negative_slope", 0.0), layer.get("max_value"), layer.get("threshold", 0.0)]
    if x.dtype.kind == "f" or (parameters[1] == 6 and answers_as("jax")):
        x = floats(layer, x)
    else:
        return _whole_relu(x, *parameters)
    result = x.map(lambda var: activations.relu(var, *parameters))
    return result if parameters[0] else result.nonnegative()


def _whole_relu(x: Tensor, negative_slope: float, most: float | None, threshold: float) -> Tensor:
    """Of integers, which stay integers. Raises UnsupportedError for parameters that are none."""
    if negative_slope or threshold or (most is not None and most % 1):
        raise UnsupportedError(
            f"ReLU of {x.dtype} with a slope, a threshold or a limit between whole numbers", hint="cast to float32"
        )
    if x.dtype == np.bool_:
        x = x.map(lambda var: cast(var, np.int32))
    if most is not None and most > np.iinfo(x.dtype).max:
        raise UnsupportedError(f"ReLU(max_value={most:g}) of {x.dtype}, in which Keras' limit wraps around", hint="cast to int32")
    if most is None:
        return x.map(activations.relu)
    return x.map(lambda var: ops.clip(var, constant_like(var, 0), constant_like(var, most)))


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
    mask = x.mask if dtype_of(x.mask) == np.bool_ else ops.greater(x.mask, constant_like(x.mask, 0.5))
    if x.rank != len(shape_of(mask)):
        raise UnsupportedError("Softmax of a masked tensor", expected="a mask of its own shape", got=f"{x.rank} axes")
    hidden = ops.where(mask, x.var, constant_like(x.var, -1e9))
    return Tensor.of(ops.where(mask, _softmax(hidden, axes), constant_like(x.var, 0.0)))


def _softmax(x: Var, axes: list[int]) -> Var:
    if len(axes) == 1:
        return ops.softmax(x, axis=axes[0])
    top = ops.reduce_max(x, ints(axes), keepdims=1)
    exponentials = ops.exp(ops.sub(x, top))
    return ops.div(exponentials, ops.reduce_sum(exponentials, ints(axes), keepdims=1))
