"""sklearn.ensemble._bagging: the same estimator on many samples of rows and columns, averaged in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.trees import leaf_sum, leaf_table
from ....graph.values import cast, constant, constant_like
from ...registry import Output, Outputs, convert, converts, step
from ..arrays import mean
from ..labels import largest
from ..tree.classes import are_trees, leaves, on_columns, tree_of


@converts(BaggingClassifier)
def bagging_classifier(model: BaggingClassifier, block: Block) -> Outputs:
    """The mean of the probabilities, or of the votes of estimators that have none; the label is the largest one's.

    The order of addition is scikit-learn's with n_jobs=1. It adds up logarithms of probabilities by logaddexp where the
    estimators have them; here it is the logarithm of their mean, equal but for the rounding.
    """
    outputs: dict[str, Output]
    if are_trees(model.estimators_):
        outputs = {"predict_proba": _mean_leaf(model, block, lambda e, tree: _spread(model, e, tree.value))}
    else:
        answers = list(_answers(model, block))
        probabilities = [_probabilities(model, e, a) for e, a in zip(model.estimators_, answers, strict=True)]
        outputs = {"predict_proba": mean(probabilities)}
        if hasattr(model, "decision_function"):
            outputs["decision_function"] = mean([_one(a, "decision_function") for a in answers])
    proba = _one(outputs, "predict_proba")
    return {"predict": largest(model.classes_, proba), "predict_log_proba": ops.log(proba), **outputs}


@converts(BaggingRegressor)
def bagging_regressor(model: BaggingRegressor, block: Block) -> Outputs:
    """The mean of the predictions."""
    if not are_trees(model.estimators_):
        return {"predict": mean([_one(answer, "predict") for answer in _answers(model, block)])}
    values = _mean_leaf(model, block, lambda _, tree: tree.value)
    return {"predict": ops.reshape(values, constant([-1])) if model.estimators_[0].n_outputs_ == 1 else values}


def _mean_leaf(model: Any, block: Block, value: Any) -> Var:
    """The mean over the trees of `value(estimator, tree)` at the leaves that each row reaches, [N, K]."""
    trees = []
    for estimator, features in zip(model.estimators_, model.estimators_features_, strict=True):
        tree = on_columns(tree_of(estimator), features)
        trees.append(replace(tree, value=value(estimator, tree)))
    total = leaf_sum(leaves(block, trees), leaf_table(trees))
    return ops.div(total, constant_like(total, len(trees)))


def _answers(model: Any, block: Block) -> Iterator[Outputs]:
    """The outputs of each estimator on its own columns of the array that the bag was given."""
    together = block.together()
    for i, (estimator, features) in enumerate(zip(model.estimators_, model.estimators_features_, strict=True)):
        with step(f"estimators_[{i}]"):
            yield convert(estimator, together.select(features))


def _one(outputs: Outputs, method: str) -> Var:
    answer = outputs.get(method)
    if not isinstance(answer, Var):
        raise UnsupportedError(expected=f"estimators with one {method}")
    return answer


def _probabilities(model: BaggingClassifier, estimator: Any, outputs: Outputs) -> Var:
    """The probabilities of all classes of the bag, [N, K], in float64: a vote counts as 1."""
    kind = working(np.float64)
    if not hasattr(estimator, "predict_proba"):
        return ops.gather(constant(np.eye(model.n_classes_), kind), cast(_one(outputs, "predict"), np.int64), axis=0)
    proba = cast(_one(outputs, "predict_proba"), kind)
    if len(estimator.classes_) == model.n_classes_:
        return proba
    return ops.matmul(proba, constant(_spread(model, estimator, np.eye(len(estimator.classes_))), kind))


def _spread(model: BaggingClassifier, estimator: Any, value: np.ndarray) -> np.ndarray:
    """Columns for the classes that the estimator has seen, moved to their places among all classes of the bag."""
    spread = np.zeros((len(value), model.n_classes_), value.dtype)
    spread[:, estimator.classes_.astype(np.int64)] = value
    return spread
