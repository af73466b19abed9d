"""catboost.core: the estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
from catboost.core import CatBoost, CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from spox import Var

from ...graph import ops
from ...graph.block import Block
from ...graph.values import constant, constant_like, squeezed
from ..registry import Outputs, converts, references
from .features import features
from .margin import leaves, margin
from .model import Model, read
from .objectives import labels, log_probabilities, predicted, probabilities


@references(CatBoost, CatBoostClassifier, CatBoostRegressor, CatBoostRanker)
def reference(model: CatBoost, data: Any, output: str) -> np.ndarray:
    """`margin` is the raw score ("RawFormulaVal"), `apply` the leaf indexes; the rest are methods. In one thread."""
    if output == "margin":
        return np.asarray(CatBoost.predict(model, data, prediction_type="RawFormulaVal", thread_count=1))
    method = model.calc_leaf_indexes if output == "apply" else getattr(model, output)
    return np.asarray(method(data, thread_count=1))


@converts(CatBoost, CatBoostRanker)
def scores(model: CatBoost, block: Block) -> Outputs:
    """`predict` is the raw score, `apply` the number of the leaf in each tree."""
    raw, reached = _raw_and_leaves(read(model), block)
    return {"predict": squeezed(raw), "margin": squeezed(raw), "apply": reached}


@converts(CatBoostRegressor)
def regressor(model: CatBoostRegressor, block: Block) -> Outputs:
    """`predict` is the value on the scale of the target, for the losses for which CatBoostRegressor has one."""
    raw, reached = _raw_and_leaves(read(model), block)
    kind = model._get_default_prediction_type()
    return {"predict": predicted(kind, raw), "margin": squeezed(raw), "apply": reached}


@converts(CatBoostClassifier)
def classifier(model: CatBoostClassifier, block: Block) -> Outputs:
    """Labels, probabilities and their logarithms, from the raw scores of all classes."""
    content, classes = read(model), np.asarray(model.classes_)
    raw, reached = _raw_and_leaves(content, block)
    raw = _among(raw, content, len(classes))
    return {
        "predict": labels(content.loss, classes, raw, model.get_probability_threshold()),
        "predict_proba": probabilities(content.loss, raw),
        "predict_log_proba": log_probabilities(content.loss, raw),
        "margin": squeezed(raw),
        "apply": reached,
    }


def _raw_and_leaves(content: Model, block: Block) -> tuple[Var, Var]:
    """[N, K] and uint32 [N, T]."""
    x = features(block, content)
    return margin(content, x), leaves(content, x)


def _among(raw: Var, content: Model, count: int) -> Var:
    """The raw scores in the order of all classes, minus infinity for those that the training data lacked: [N, count]."""
    outputs = len(content.place)
    if outputs == 1 or np.array_equal(content.place, np.arange(count)):
        return raw
    source = np.full(count, outputs, np.int64)
    source[content.place] = np.arange(outputs)
    nothing = ops.add(ops.mul(raw, constant_like(raw, 0)), constant_like(raw, -np.inf))
    return ops.gather(ops.concat([raw, nothing], axis=1), constant(source), axis=1)
