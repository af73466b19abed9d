"""xgboost.sklearn: the estimators with scikit-learn's methods."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var
from xgboost.sklearn import XGBClassifier, XGBModel, XGBRanker, XGBRegressor, XGBRFClassifier, XGBRFRegressor

from ...graph import ops
from ...graph.block import Block
from ...graph.values import cast, constant, constant_like, squeezed
from ..registry import OnDemand, Outputs, converts, references
from .features import features
from .margin import leaves, margin
from .model import read
from .objectives import predicted, present, softmax
from .unseen import refuse_unseen

WRAPPERS = (XGBClassifier, XGBRFClassifier, XGBRegressor, XGBRFRegressor, XGBRanker)


@references(*WRAPPERS)
def wrapper_reference(model: XGBModel, data: Any, output: str) -> Any:
    """`margin` is `predict(X, output_margin=True)`. Categories that the training frame lacked are refused (`unseen.py`)."""
    refuse_unseen(model.get_booster(), _without_groups(model, data))
    return model.predict(data, output_margin=True) if output == "margin" else getattr(model, output)(data)


def _without_groups(model: XGBModel, data: Any) -> Any:
    return data.drop(columns="qid") if type(model) is XGBRanker and hasattr(data, "qid") else data


@converts(XGBRegressor, XGBRFRegressor)
def regressor(model: XGBModel, block: Block) -> Outputs:
    """`predict` is what the Booster predicts, [N] or [N, K] float32; `margin` its raw score, `apply` its leaves."""
    raw, value, reached = _answers(model, block)
    return present(predict=value, margin=squeezed(raw), apply=reached)


@converts(XGBRanker)
def ranker(model: XGBRanker, block: Block) -> Outputs:
    """The score of each row. A column `qid` of a DataFrame names the groups of training, and is no feature."""
    if block.frame and block.names is not None and "qid" in block.names:
        block = block.select(i for i, name in enumerate(block.names) if name != "qid")
    return regressor(model, block)


@converts(XGBClassifier, XGBRFClassifier)
def classifier(model: XGBClassifier, block: Block) -> Outputs:
    """Labels from the Booster's own predictions, in the dtypes that XGBClassifier gives them."""
    raw, value, reached = _answers(model, block)
    if value is None:
        return present(margin=squeezed(raw), apply=reached)
    proba = _probabilities(model, raw, value)
    return present(predict=_labels(model, value), predict_proba=proba, margin=squeezed(raw), apply=reached)


def _answers(model: XGBModel, block: Block) -> tuple[Var, Var | None, OnDemand | None]:
    """The margin [N, K], what the Booster predicts, and the leaves; up to the best round where training stopped early."""
    booster = model.get_booster()
    best = booster.attr("best_iteration")
    content = read(booster, 0 if best is None else int(best) + 1)
    x = features(block, content, model.missing)
    raw = margin(content, x, in_place=True)
    return raw, predicted(content.objective, raw), leaves(content, x)


def _labels(model: XGBClassifier, value: Var) -> Var:
    """`XGBClassifier.predict`: classes are 0 .. n_classes_ - 1; int64, int32 for multi:softmax, float64 for multi-label."""
    rank = len(value.unwrap_tensor().shape or ())
    if rank > 1 and model.n_classes_ != 2:
        return ops.arg_max(value, axis=1, keepdims=0)
    if rank == 1 and model.objective == "multi:softmax":
        return cast(value, np.int32)
    return cast(ops.greater(value, constant_like(value, 0.5)), np.int64 if rank == 1 else np.float64)


def _probabilities(model: XGBClassifier, raw: Var, value: Var) -> Var:
    """`XGBClassifier.predict_proba`: float32 [N, K]; of a single column p the pair (1 - p, p), whatever p is."""
    if model.objective == "multi:softmax":
        return softmax(raw)
    if len(value.unwrap_tensor().shape or ()) > 1:
        return value
    second = ops.reshape(value, constant([-1, 1], np.int64))
    return ops.concat([ops.sub(constant_like(value, 1), second), second], axis=1)
