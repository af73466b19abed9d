"""sklearn.neural_network._multilayer_perceptron."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import Outputs, converts
from ..labels import largest, take
from ..linear_model.base import both, multiplied, with_probabilities
from ..special import expit

ACTIVATIONS: dict[str, Callable[[Var], Var]] = {
    "identity": lambda x: x,
    "logistic": expit,
    "tanh": lambda x: ops.tanh(x),
    "relu": lambda x: ops.relu(x),
    "softmax": lambda x: ops.softmax(x, axis=1),
    "exp": lambda x: ops.exp(x),
}


@converts(MLPRegressor)
def mlp_regressor(model: MLPRegressor, block: Block) -> Outputs:
    """The output layer: [N], or [N, K] for several targets."""
    output = _forward(model, block)
    return {"predict": _flat(output) if model.n_outputs_ == 1 else output}


@converts(MLPClassifier)
def mlp_classifier(model: MLPClassifier, block: Block) -> Outputs:
    """The output layer as probabilities: logistic for two classes and for each label of several, else softmax."""
    output = _forward(model, block)
    classes = model._label_binarizer.classes_
    if model._label_binarizer.y_type_ == "multiclass":
        return with_probabilities({"predict": largest(classes, output)}, output)
    chosen = ops.cast(ops.greater(output, constant_like(output, 0.5)), to=np.int64)
    if model._label_binarizer.y_type_ == "multilabel-indicator":
        return with_probabilities({"predict": chosen}, output)
    if len(classes) != 2:
        raise UnsupportedError("number of classes", expected="two or more", got=str(len(classes)))
    return with_probabilities({"predict": take(classes, _flat(chosen))}, both(_flat(output)))


def _forward(model: MLPClassifier | MLPRegressor, block: Block) -> Var:
    """Source: BaseMultilayerPerceptron._forward_pass_fast; the dtype is numpy's for X @ coefs.

    float32 is rounded where the original rounds it, but added up and activated in float64: the original's own rounding, of up to
    some ulp in each layer, is then all that differs.
    """
    block, first, start = multiplied(block, model.coefs_[0], model.intercepts_[0])
    layer = block.matrix(np.result_type(block.dtype, first.dtype))
    layers = zip([first, *model.coefs_[1:]], [start, *model.intercepts_[1:]], strict=True)
    for i, (coefs, intercepts) in enumerate(layers):
        layer = cast(layer, working(np.result_type(dtype_of(layer), coefs.dtype)))
        kind = dtype_of(layer)
        wide = cast(layer, working(np.float64))
        if kind == dtype_of(wide):
            wide = ops.gemm(wide, constant_like(wide, coefs), constant_like(wide, intercepts))
        else:
            sums = cast(ops.matmul(wide, constant_like(wide, coefs)), kind)
            wide = cast(ops.add(sums, constant_like(sums, intercepts)), working(np.float64))
        activation = model.activation if i < model.n_layers_ - 2 else model.out_activation_
        layer = cast(ACTIVATIONS[activation](wide), kind)
    return layer


def _flat(x: Var) -> Var:
    return ops.reshape(x, constant(np.array([-1])))
