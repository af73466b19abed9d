"""sklearn.svm._classes: libsvm's and liblinear's models. libsvm computes in float64, whatever the data is."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant, constant_like
from ...registry import Outputs, converts, references
from ..labels import take
from ..linear_model.base import classify_linear, predict_linear, with_probabilities
from .kernels import dense, weighted_kernels
from .probability import pairs, predict_probability

converts(LinearSVC)(classify_linear)
converts(LinearSVR)(predict_linear)


@converts(SVR, NuSVR)
def support_vector_regression(model: SVR | NuSVR, block: Block) -> Outputs:
    """The sum of dual_coef * kernel(x, support vector), plus the intercept."""
    return {"predict": _single_decision(model, block)}


@converts(OneClassSVM)
def one_class_svm(model: OneClassSVM, block: Block) -> Outputs:
    """1 where the decision is positive, else -1; the scores are the decision plus the offset."""
    decision = _single_decision(model, block)
    inlier = ops.greater(decision, constant_like(decision, 0.0))
    return {
        "predict": ops.where(inlier, constant(np.int64(1)), constant(np.int64(-1))),
        "decision_function": decision,
        "score_samples": ops.add(decision, constant_like(decision, model.offset_)),
    }


@converts(SVC, NuSVC)
def support_vector_classification(model: SVC | NuSVC, block: Block) -> Outputs:
    """libsvm's vote of all pairs of classes, its decision values in scikit-learn's shape and sign, its probabilities.

    A vote that ends level goes to the first class; a decision of exactly 0 is a vote for the second class of the pair.
    """
    size = len(model.classes_)
    if model.break_ties and model.decision_function_shape == "ovo":
        raise UnsupportedError("break_ties=True with decision_function_shape='ovo'", hint="scikit-learn refuses it, too")
    raw = _pair_decisions(model, block)
    decision = _decision_function(model, raw)
    if model.break_ties and size > 2:
        winner = ops.arg_max(decision, axis=1, keepdims=0)
    elif size == 2:
        winner = ops.arg_max(ops.mul(raw, constant_like(raw, [1.0, 0.0])), axis=1, keepdims=0, select_last_index=1)
    else:
        winner = ops.arg_max(_votes(ops.greater(raw, constant_like(raw, 0.0)), raw, size), axis=1, keepdims=0)
    outputs = {"predict": take(model.classes_, winner), "decision_function": decision}
    if not hasattr(model, "predict_proba"):
        return outputs
    return with_probabilities(outputs, predict_probability(raw, model._probA, model._probB, size))


@references(SVC, NuSVC)
def support_vector_reference(model: SVC | NuSVC, data: Any, output: str) -> Any:
    """The methods, and `pairwise_decisions`: the duels that libsvm counts votes of, by which a proof knows a level one."""
    if output == "pairwise_decisions":
        return model._decision_function(model._validate_for_predict(data))
    return getattr(model, output)(data)


def _single_decision(model: Any, block: Block) -> Var:
    """The decision value of a model with one set of coefficients: [N]."""
    x = block.matrix(np.float64)
    return ops.reshape(weighted_kernels(model, x, dense(model._dual_coef_).reshape(1, -1).T), constant(np.array([-1])))


def _pair_decisions(model: SVC | NuSVC, block: Block) -> Var:
    """libsvm's decision value of every pair of classes, positive for the first: [N, K * (K - 1) / 2].

    For the pair (i, j), the vectors of class i have their coefficients in row j - 1, and those of class j in row i.
    """
    x = block.matrix(np.float64)
    coefficients = dense(model._dual_coef_)
    ends = np.cumsum(model._n_support)
    of_class = [slice(end - count, end) for end, count in zip(ends, model._n_support, strict=True)]
    weights = np.zeros((coefficients.shape[1], len(pairs(len(ends)))))
    for k, (i, j) in enumerate(pairs(len(ends))):
        weights[of_class[i], k] = coefficients[j - 1, of_class[i]]
        weights[of_class[j], k] = coefficients[i, of_class[j]]
    return weighted_kernels(model, x, weights)


def _decision_function(model: SVC | NuSVC, raw: Var) -> Var:
    """Source: BaseSVC.decision_function and _ovr_decision_function: votes, ties broken by the sums of the decisions."""
    size = len(model.classes_)
    if size == 2:
        return ops.reshape(ops.neg(raw), constant(np.array([-1])))
    if model.decision_function_shape == "ovo":
        return raw
    first, second = _incidence(size)
    votes = _votes(ops.greater_or_equal(raw, constant_like(raw, 0.0)), raw, size)
    sums = ops.matmul(raw, constant_like(raw, first - second))
    spread = ops.mul(constant_like(raw, 3.0), ops.add(ops.abs(sums), constant_like(raw, 1.0)))
    return ops.add(votes, ops.div(sums, spread))


def _votes(for_first: Var, like: Var, size: int) -> Var:
    """How many pairs each class wins. for_first: bool [N, P] -> [N, K], in the dtype of `like`."""
    first, second = _incidence(size)
    won = ops.where(for_first, constant_like(like, 1.0), constant_like(like, 0.0))
    return ops.add(ops.matmul(won, constant_like(like, first - second)), constant_like(like, second.sum(axis=0)))


def _incidence(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Which class is the first and which is the second of each pair: two 0/1 matrices [P, K]."""
    order = np.array(pairs(size))
    return np.eye(size)[order[:, 0]], np.eye(size)[order[:, 1]]
