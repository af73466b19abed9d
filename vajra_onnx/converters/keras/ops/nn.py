"""keras.ops.nn: activations as functions. Source: `keras.src.ops.nn`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import constant_like
from .. import activations
from ..activations import ELEMENTWISE
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor
from .accurate import floating

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
    """Without parameters; of integers what is cut off at 0 and 6 stays an integer."""
    if x.dtype.kind in "iu" and layer.class_name in ("Relu", "Relu6"):
        top = 6 if layer.class_name == "Relu6" else np.iinfo(x.dtype).max
        return x.map(lambda var: ops.clip(var, constant_like(var, 0), constant_like(var, top)))
    return x.map(lambda var: PLAIN[layer.class_name](floating(var)))


@operation("nn", "LeakyRelu")
def leaky_relu(layer: Layer, x: Tensor) -> Tensor:
    """x above 0, slope * x below."""
    slope = layer.get("negative_slope", 0.2)
    return x.map(lambda var: activations.relu(floating(var), negative_slope=slope))


@operation("nn", "Elu", "Celu")
def elu(layer: Layer, x: Tensor) -> Tensor:
    """With its alpha."""
    function, alpha = {"Elu": activations.elu, "Celu": activations.celu}[layer.class_name], layer.get("alpha", 1.0)
    return x.map(lambda var: function(floating(var), alpha))


@operation("nn", "Gelu")
def gelu(layer: Layer, x: Tensor) -> Tensor:
    """Exact, or by tanh."""
    approximate = bool(layer.get("approximate", True))
    return x.map(lambda var: activations.gelu(floating(var), approximate))


@operation("nn", "Softmax")
def softmax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.softmax(x.map(floating), layer.get("axis", -1))


@operation("nn", "LogSoftmax")
def log_softmax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.log_softmax(x.map(floating), layer.get("axis", -1))


@operation("nn", "Glu")
def glu(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.glu(x.map(floating), layer.get("axis", -1))


@operation("nn", "SoftShrink", "HardShrink")
def shrink(layer: Layer, x: Tensor) -> Tensor:
    """Nothing within the threshold; outside as it is, or nearer to 0 by the threshold."""
    function = {"SoftShrink": activations.soft_shrink, "HardShrink": activations.hard_shrink}[layer.class_name]
    limit = layer.get("threshold", 0.5)
    return x.map(lambda var: function(floating(var), limit))


@operation("nn", "Squareplus")
def squareplus(layer: Layer, x: Tensor) -> Tensor:
    """(x + sqrt(x^2 + b)) / 2."""
    b = layer.get("b", 4)
    return x.map(lambda var: activations.squareplus(floating(var), b))


@operation("nn", "Sparsemax")
def sparsemax(layer: Layer, x: Tensor) -> Tensor:
    """Along one axis."""
    return activations.sparsemax(x.map(floating), layer.get("axis", -1))
