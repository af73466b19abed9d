"""sklearn.ensemble._weight_boosting: AdaBoost, weighted votes and the weighted median."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.trees import leaf_sum, leaf_table
from ....graph.values import constant, constant_like
from ...registry import Outputs, convert, converts, step
from ..arrays import add_up, column, hstack
from ..labels import largest, positive
from ..tree.classes import are_trees, leaves, tree_of


@converts(AdaBoostClassifier)
def ada_boost_classifier(model: AdaBoostClassifier, block: Block) -> Outputs:
    """Each estimator adds its weight w to the class it predicts, and -w / (K - 1) to all others; the sums, over that of the
    weights, are the decision. Binary: the second class' less the first one's. Source: decision_function.
    """
    if model.n_classes_ < 2:
        raise UnsupportedError("AdaBoost", expected="at least two classes", got=str(model.n_classes_))
    votes = _tree_votes(model, block) if are_trees(model.estimators_) else _votes(model, block)
    scores = ops.div(votes, constant_like(votes, model.estimator_weights_.sum()))
    if model.n_classes_ == 2:
        decision = ops.sub(column(scores, 1), column(scores, 0))
        halves = ops.div(ops.unsqueeze(decision, constant([1])), constant_like(decision, 2.0))
        proba = ops.softmax(ops.concat([ops.neg(halves), halves], axis=1), axis=1)
        labels = positive(model.classes_, decision)
    else:
        decision = scores
        proba = ops.softmax(ops.div(scores, constant_like(scores, model.n_classes_ - 1)), axis=1)
        labels = largest(model.classes_, scores)
    return {"predict": labels, "predict_proba": proba, "predict_log_proba": ops.log(proba), "decision_function": decision}


@converts(AdaBoostRegressor)
def ada_boost_regressor(model: AdaBoostRegressor, block: Block) -> Outputs:
    """The weighted median: the first of the sorted predictions at which the weights reach half of their sum.

    Source: _get_median_predict. Among equal predictions the order of numpy.argsort is not defined, nor does it matter.
    """
    predictions = _predictions(model, block)
    count = len(model.estimators_)
    ascending, order = ops.top_k(predictions, constant([count]), axis=1, largest=0)
    weights = ops.gather(constant(model.estimator_weights_, working(np.float64)), order, axis=0)
    reached = ops.cumsum(weights, constant(np.int64(1)))
    last = ops.slice(reached, constant([count - 1]), constant([count]), constant([1]))
    above = ops.greater_or_equal(reached, ops.mul(constant_like(last, 0.5), last))
    median = ops.arg_max(ops.cast(above, to=np.int32), axis=1, keepdims=1)
    return {"predict": column(ops.gather_elements(ascending, median, axis=1), 0)}


def _tree_votes(model: AdaBoostClassifier, block: Block) -> Var:
    """The votes of trees, [N, K]: each leaf holds what its label adds."""
    trees = []
    for estimator, weight in zip(model.estimators_, model.estimator_weights_, strict=False):
        tree = tree_of(estimator)
        labels = estimator.classes_[np.argmax(tree.value, axis=1)]
        trees.append(replace(tree, value=_ballot(model, labels[:, None] == model.classes_, weight)))
    return leaf_sum(leaves(block, trees), leaf_table(trees))


def _votes(model: AdaBoostClassifier, block: Block) -> Var:
    """The votes of other classifiers, [N, K]: the rows of the identity are the ballots."""
    ballots = []
    for answer, weight in zip(_answers(model, block), model.estimator_weights_, strict=False):
        same = ops.equal(ops.unsqueeze(answer, constant([1])), constant(np.asarray(model.classes_)[None, :]))
        hit, miss = _ballot(model, np.array([True, False]), weight)
        ballots.append(ops.where(same, constant(hit), constant(miss)))
    return add_up(ballots)


def _ballot(model: AdaBoostClassifier, hit: np.ndarray, weight: float) -> np.ndarray:
    return np.where(hit, weight, -1 / (model.n_classes_ - 1) * weight).astype(working(np.float64))


def _predictions(model: AdaBoostRegressor, block: Block) -> Var:
    """The predictions of all estimators, [N, T]."""
    if not are_trees(model.estimators_):
        return hstack(_answers(model, block))
    trees = [tree_of(e) for e in model.estimators_]
    return ops.gather(constant(leaf_table(trees)[:, 0]), leaves(block, trees), axis=0)


def _answers(model: Any, block: Block) -> list[Var]:
    """What each estimator predicts from the array that the ensemble was given."""
    together = block.together()
    answers = []
    for i, estimator in enumerate(model.estimators_):
        with step(f"estimators_[{i}]"):
            answer = convert(estimator, together).get("predict")
            if not isinstance(answer, Var):
                raise UnsupportedError(expected="an estimator with predict", got=type(estimator).__name__)
            answers.append(answer)
    return answers
