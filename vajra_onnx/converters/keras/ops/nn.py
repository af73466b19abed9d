"""keras.ops.nn: activations as functions. Source: `keras.src.ops.nn`."""

from __future__ import annotations

from collections.abc import Callable

from spox import Var

from .. import activations
from ..activations import ELEMENTWISE
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor
from .numpy import floating

PLAIN: dict[str, Callable[[Var], Var]] = {
    "Relu": ELEMENTWISE["relu"],
    "Relu6": ELEMENTWISE["relu6"],
    "Sigmoid": ELEMENTWISE["sigmoid"],
    "Softplus": ELEMENTWISE["softplus"],
    "Softsign": ELEMENTWISE["softsign"],
    "Silu": ELEMENTWISE["silu"],
    "LogSigmoid": ELEMENTWISE["log_sigmoid"],
    "HardSigmoid": ELEMENTWISE["hard_sigmoid"],
    "HardSilu": ELEMENTWISE["hard_silu"],
    "HardTanh": ELEMENTWISE["hard_tanh"],
    "Selu": ELEMENTWISE["selu"],
    "TanhShrink": ELEMENTWISE["tanh_shrink"],
    "SparsePlus": ELEMENTWISE["sparse_plus"],
    "SparseSigmoid": ELEMENTWISE["sparse_sigmoid"],
}


@operation("nn", *PLAIN)
def plain(layer: Layer, x: Tensor) -> Tensor:
    """Without parameters."""
    return x.masked(None).map(lambda var: PLAIN[layer.class_name](floating(var)))


@operation("nn", "LeakyRelu")
def leaky_relu(layer: Layer, x: Tensor) -> Tensor:
    """x above 0, slope * x below."""
    slope = layer.get("negative_slope", 0.2)
    return x.masked(None).map(lambda var: activations.relu(floating(var), negative_slope=slope))


@operation("nn", "Elu", "Celu")
def elu(layer: Layer, x: Tensor) -> Tensor:
    """With its alpha."""
    function, alpha = {"Elu": activations.elu, "Celu": activations.celu}[layer.class_name], layer.get("alpha", 1.0)
    return x.masked(None).map(lambda var: function(floating(var), alpha))


@operation("nn", "Gelu")
def gelu(layer: Layer, x: Tensor) -> Tensor:
    """Exact, or by tanh."""
    approximate = bool(layer.get("approximate", True))
    return x.masked(None).map(lambda var: activations.gelu(floating(var), approximate))


@operation("nn", "Softmax")
def softmax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.softmax(x.masked(None).map(floating), layer.get("axis", -1))


@operation("nn", "LogSoftmax")
def log_softmax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.log_softmax(x.masked(None).map(floating), layer.get("axis", -1))


@operation("nn", "Glu")
def glu(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.glu(x.masked(None).map(floating), layer.get("axis", -1))
