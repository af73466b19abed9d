"""The layers that keras.applications defines for itself. Source: `keras.src.applications.convnext` and `inception_resnet_v2`."""

from __future__ import annotations

from ....graph import ops
from ....graph.values import constant_like
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats
from .merging import merged


@emits("LayerScale")
def layer_scale(layer: Layer, x: Tensor) -> Tensor:
    """x * gamma, one factor per channel."""
    layer.ignore("init_values", "projection_dim")
    (gamma,) = layer.weights(1)
    var = floats(layer, x).var
    return Tensor.of(ops.mul(var, constant_like(var, gamma)))


@emits("StochasticDepth")
def stochastic_depth(layer: Layer, x: Tensor) -> Tensor:
    """The input itself at inference."""
    layer.ignore("drop_path_rate")
    return x


@emits("CustomScaleLayer")
def custom_scale(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """a + b * scale."""
    scale = layer.get("scale")
    return merged(layer, inputs, lambda parts: ops.add(parts[0], ops.mul(parts[1], constant_like(parts[1], scale))))
