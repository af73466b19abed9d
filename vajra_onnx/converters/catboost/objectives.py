"""From raw scores to labels, probabilities and values, in float64 as CatBoost computes them.

Source: `PrepareEval` of catboost/libs/eval_result/eval_helpers.cpp, catboost/libs/model/eval_processing.h.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.values import cast, constant, constant_like, squeezed, width_of
from ..sklearn.labels import take

# Losses whose outputs are labels that do not exclude each other, and those whose probabilities do not add up to 1.
MULTI_LABEL = ("MultiLogloss", "MultiCrossEntropy")
SEPARATE = ("MultiClassOneVsAll", *MULTI_LABEL)


def predicted(kind: str, raw: Var) -> Var:
    """What `predict(prediction_type=kind)` answers, [N] or [N, K]. raw: [N, K]. kind: that of a regressor."""
    if kind == "Exponent":
        return squeezed(ops.exp(raw))
    if kind == "RMSEWithUncertainty":
        mean, deviation = (ops.gather(raw, constant([i], np.int64), axis=1) for i in (0, 1))
        return ops.concat([mean, ops.exp(ops.mul(constant_like(raw, 2), deviation))], axis=1)
    return squeezed(raw)


def labels(loss: str, classes: np.ndarray, raw: Var, threshold: float) -> Var:
    """The class: [N] of two, [N, 1] of several, the first of the most likely ones; of a multi-label model 0 or 1, [N, K].

    threshold: the probability above which the second of two classes is predicted. raw: [N, K].
    """
    with np.errstate(divide="ignore"):
        border = -np.log(1 / np.float64(threshold) - 1)
    if loss in MULTI_LABEL:
        return cast(ops.greater(raw, constant_like(raw, border)), np.int64)
    if width_of(raw) != 1:
        return take(classes, ops.arg_max(raw, axis=1, keepdims=1))
    return take(classes, cast(ops.greater(squeezed(raw), constant_like(raw, border)), np.int64))


def probabilities(loss: str, raw: Var) -> Var:
    """[N, K] of several classes or labels, [N, 2] of two classes."""
    if loss in SEPARATE:
        return _sigmoid(raw)
    if width_of(raw) != 1:
        powers = ops.exp(ops.sub(raw, ops.reduce_max(raw, constant([1], np.int64))))
        return ops.div(powers, ops.reduce_sum(powers, constant([1], np.int64)))
    second = _sigmoid(raw)
    return ops.concat([ops.sub(constant_like(raw, 1), second), second], axis=1)


def log_probabilities(loss: str, raw: Var) -> Var:
    """The logarithms of `probabilities`, which CatBoost computes without them."""
    if loss in SEPARATE:
        return _log_sigmoid(raw)
    if width_of(raw) != 1:
        centered = ops.sub(raw, ops.reduce_max(raw, constant([1], np.int64)))
        return ops.sub(centered, ops.log(ops.reduce_sum(ops.exp(centered), constant([1], np.int64))))
    return ops.concat([_log_sigmoid(ops.neg(raw)), _log_sigmoid(raw)], axis=1)


def _sigmoid(raw: Var) -> Var:
    """1 / (1 + exp(-x))."""
    one = constant_like(raw, 1)
    return ops.div(one, ops.add(one, ops.exp(ops.neg(raw))))


def _log_sigmoid(raw: Var) -> Var:
    """-log(1 + exp(-x))."""
    return ops.neg(ops.log(ops.add(constant_like(raw, 1), ops.exp(ops.neg(raw)))))
