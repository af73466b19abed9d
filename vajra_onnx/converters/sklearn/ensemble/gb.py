"""sklearn.ensemble._gb: gradient boosting, the initial prediction first and then tree after tree."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn._loss.link import IdentityLink
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.ensemble._gb import _init_raw_predictions
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.trees import Tree, leaf_index, leaf_nodes, leaf_table, ordered_sum
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import OnDemand, Outputs, convert, converts, step
from .. import losses
from ..arrays import as_columns, column
from ..labels import largest, take
from ..tree.classes import RULE, leaves, sources, tree_of

RANDOM_STRATEGIES = ("stratified", "uniform")


@converts(GradientBoostingClassifier)
def gradient_boosting_classifier(model: GradientBoostingClassifier, block: Block) -> Outputs:
    """Binary: the second class where the raw sum >= 0 (not > 0); otherwise the class of the largest raw sum."""
    raw = _raw(model, block)
    if model.n_trees_per_iteration_ == 1:
        decision = column(raw, 0)
        labels = take(model.classes_, ops.arg_max(losses.opposed(raw), axis=1, keepdims=0, select_last_index=1))
    else:
        decision, labels = raw, largest(model.classes_, raw)
    proba = losses.probabilities(model._loss, raw)
    return {
        "predict": labels,
        "predict_proba": proba,
        "predict_log_proba": ops.log(proba),
        "decision_function": decision,
        "apply": OnDemand(lambda: ops.reshape(_apply(model, block), constant([-1, *model.estimators_.shape]))),
    }


@converts(GradientBoostingRegressor)
def gradient_boosting_regressor(model: GradientBoostingRegressor, block: Block) -> Outputs:
    """The raw sum: every loss of regression has the identity for a link."""
    return {"predict": column(_raw(model, block), 0), "apply": OnDemand(lambda: _apply(model, block))}


def _raw(model: Any, block: Block) -> Var:
    """((initial + rate * t0) + rate * t1) + ... in float64, [N, K]. Float32 values are compared with float64 thresholds.

    Source: sklearn/ensemble/_gradient_boosting.pyx, predict_stages.
    """
    stages, outputs = model.estimators_.shape
    x, trees = sources(block, [_scaled(tree_of(e), model.learning_rate) for e in model.estimators_.ravel()])
    base = _constant_initial(model)
    wide = x if dtype_of(x) == np.float64 else cast(x, working(np.float64))
    if base is not None:
        raw = ordered_sum(wide, trees, rule=RULE, targets=list(range(outputs)) * stages, n_targets=outputs, base=base)
        return cast(raw, working(np.float64))
    # An initial prediction that depends on the row: one more term in front of the leaves, summed over the first axis.
    index = ops.transpose(leaf_index(wide, trees, rule=RULE), perm=[1, 0])
    terms = ops.reshape(ops.gather(constant(leaf_table(trees)[:, 0]), index, axis=0), constant([stages, outputs, -1]))
    initial = _initial(model, block.matrix(np.float32))
    first = ops.unsqueeze(ops.transpose(initial, perm=[1, 0]), constant([0]))
    total = ops.reduce_sum(ops.concat([first, terms], axis=0), constant([0]), keepdims=0)
    return ops.transpose(total, perm=[1, 0])


def _scaled(tree: Tree, rate: float) -> Tree:
    return replace(tree, value=(rate * tree.value).astype(tree.value.dtype))


def _constant_initial(model: Any) -> list[float] | None:
    """The initial raw prediction, one number per target, where it is the same for every row; else None."""
    if type(model.init_) is DummyClassifier and model.init_.strategy in RANDOM_STRATEGIES:
        raise UnsupportedError(
            "init of gradient boosting", expected="one that answers the same each time", got=f"strategy {model.init_.strategy!r}"
        )
    if model.init_ == "zero" or type(model.init_) in (DummyClassifier, DummyRegressor):
        row = np.zeros((1, model.n_features_in_), np.float32)
        return [float(v) for v in model._raw_predict_init(row)[0]]
    return None


def _initial(model: Any, x: Var) -> Var:
    """The raw prediction of the estimator `init`, [N, K]. Source: _init_raw_predictions."""
    method = "predict_proba" if is_classifier(model) else "predict"
    with step("init_"):
        answer = convert(model.init_, Block.matrix_of(x, model.n_features_in_)).get(method)
        if not isinstance(answer, Var):
            raise UnsupportedError(expected=f"an estimator with {method}", got=type(model.init_).__name__)
    answer = cast(answer, working(np.float64))
    if method == "predict":
        return as_columns(answer)
    low, high = (constant_like(answer, limit) for limit in _limits())
    predicted = answer if model._loss.is_multiclass else as_columns(column(answer, 1))
    return losses.link(model._loss.link, ops.clip(predicted, low, high))


def _limits() -> tuple[float, float]:
    """Between which probabilities scikit-learn keeps the initial prediction: asked of itself, as its versions differ."""
    certain = SimpleNamespace(predict_proba=lambda _: np.array([[1.0, 0.0], [0.0, 1.0]]))
    binary = SimpleNamespace(is_multiclass=False, link=IdentityLink())
    low, high = _init_raw_predictions(np.zeros((2, 1)), certain, binary, True).ravel()
    return float(low), float(high)


def _apply(model: Any, block: Block) -> Var:
    """The node of the leaf in each tree, [N, T * K], in float64 as scikit-learn has it."""
    trees = [tree_of(e) for e in model.estimators_.ravel()]
    return ops.gather(constant(leaf_nodes(trees), np.float64), leaves(block, trees), axis=0)
