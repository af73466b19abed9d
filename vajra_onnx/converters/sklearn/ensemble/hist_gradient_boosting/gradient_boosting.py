"""sklearn.ensemble._hist_gradient_boosting.gradient_boosting: everything is compared and added in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from spox import Var

from .....graph.block import Block, working
from .....graph.folding import on_sources
from .....graph.trees import Tree, ordered_sum
from .....graph.values import cast, concat
from ....registry import Outputs, converts, step, transform
from ... import losses
from ...arrays import column
from ...labels import largest


@converts(HistGradientBoostingClassifier)
def hist_gradient_boosting_classifier(model: HistGradientBoostingClassifier, block: Block) -> Outputs:
    """Binary: the second class where the raw sum > 0; otherwise the class of the largest raw sum."""
    raw = _raw(model, block)
    binary = model.n_trees_per_iteration_ == 1
    return {
        "predict": largest(model.classes_, losses.opposed(raw) if binary else raw),
        "predict_proba": losses.probabilities(model._loss, raw),
        "decision_function": column(raw, 0) if binary else raw,
    }


@converts(HistGradientBoostingRegressor)
def hist_gradient_boosting_regressor(model: HistGradientBoostingRegressor, block: Block) -> Outputs:
    """The loss' inverse link of the raw sum: the identity, or exp for poisson and gamma."""
    return {"predict": losses.inverse(model._loss.link, column(_raw(model, block), 0))}


def _raw(model: Any, block: Block) -> Var:
    """((baseline + t0) + t1) + ... of each target, [N, K]. Source: _raw_predict."""
    predictors = [p for stage in model._predictors for p in stage]
    baseline = model._baseline_prediction.ravel().tolist()
    trees = [_tree(p) for p in predictors]
    x, trees = on_sources(block, trees, np.float64) if model._preprocessor is None else (_features(model, block), trees)
    raw = ordered_sum(
        x,
        trees,
        rule="<=",
        targets=[k for stage in model._predictors for k in range(len(stage))],
        n_targets=model.n_trees_per_iteration_,
        base=baseline,
    )
    return cast(raw, working(np.float64))


def _features(model: Any, block: Block) -> Var:
    """What the trees look at, [N, F]: the categorical columns first, as codes, then the numbers. Source: _preprocess_X.

    Codes run from 0 to the number of categories, less one; missing and unknown ones are NaN. All of them are known to the trees,
    so that the bitsets of known categories never decide.
    """
    if model._preprocessor is None:
        return block.matrix(np.float64)
    categorical = np.flatnonzero(model.is_categorical_)
    with step("_preprocessor"):
        codes = transform(model._preprocessor.named_transformers_["encoder"], block.select(categorical)).matrix(np.float64)
    numbers = np.flatnonzero(~model.is_categorical_)
    return concat([codes, block.select(numbers).matrix(np.float64)]) if len(numbers) else codes


def _tree(predictor: Any) -> Tree:
    """The arrays of a TreePredictor. Source: _predict_one_from_raw_data in _predictor.pyx."""
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    sets = {
        int(i): _members(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][i]]) for i in np.flatnonzero(nodes["is_categorical"])
    }
    return Tree(
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"],
        value=nodes["value"],
        missing_left=nodes["missing_go_to_left"].astype(bool),
        members=sets,
    )


def _members(bitset: np.ndarray) -> np.ndarray:
    """The numbers of the bits that are set, in 8 words of 32 bits, the lowest bit first."""
    bits = (bitset[:, None] >> np.arange(32, dtype=np.uint32)) & 1
    return np.flatnonzero(bits.ravel())
