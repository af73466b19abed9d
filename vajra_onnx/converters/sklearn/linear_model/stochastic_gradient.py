"""sklearn.linear_model._stochastic_gradient."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDOneClassSVM, SGDRegressor
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ...registry import Outputs, converts
from .base import (
    affine,
    both,
    classify_linear,
    normalised,
    one_vs_rest_proba,
    predict_linear,
    with_logistic,
    with_probabilities,
)

converts(SGDRegressor)(predict_linear)


@converts(SGDClassifier)
def sgd_classifier(model: SGDClassifier, block: Block) -> Outputs:
    """A linear classifier; probabilities for the losses that have them: log_loss and modified_huber."""
    if model.loss == "log_loss" and len(model.classes_) == 2:
        return with_logistic(model, block)
    outputs = classify_linear(model, block)
    if model.loss == "log_loss":
        return with_probabilities(outputs, one_vs_rest_proba(outputs["decision_function"]))
    if model.loss == "modified_huber":
        return with_probabilities(outputs, _modified_huber_proba(outputs["decision_function"], len(model.classes_)))
    return outputs


def _modified_huber_proba(decision: Var, classes: int) -> Var:
    """(clip(decision, -1, 1) + 1) / 2. For two classes always float64, in the array that the original makes for it."""
    clipped = ops.clip(decision, constant_like(decision, -1.0), constant_like(decision, 1.0))
    if classes == 2:
        clipped = cast(clipped, working(np.float64))
    p = ops.div(ops.add(clipped, constant_like(clipped, 1.0)), constant_like(clipped, 2.0))
    return both(p) if classes == 2 else normalised(p)


@converts(SGDOneClassSVM)
def sgd_one_class_svm(model: SGDOneClassSVM, block: Block) -> Outputs:
    """X @ coef - offset; int32 labels 1 where it is not negative, else -1; the scores have the offset added again."""
    decision = affine(block, np.asarray(model.coef_), -model.offset_)
    inlier = ops.greater_or_equal(decision, constant_like(decision, 0.0))
    label = ops.where(inlier, constant(np.int32(1)), constant(np.int32(-1)))
    scores = ops.add(decision, constant_like(decision, model.offset_))
    return {"predict": label, "decision_function": decision, "score_samples": scores}
