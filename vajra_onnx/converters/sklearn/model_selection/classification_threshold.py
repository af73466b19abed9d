"""sklearn.model_selection._classification_threshold: a binary classifier with a threshold of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, dtype_of
from ...registry import Outputs, convert, converts, step
from ..labels import take
from ..response import response


@converts(FixedThresholdClassifier)
def fixed_threshold_classifier(model: FixedThresholdClassifier, block: Block) -> Outputs:
    """The threshold is given, or 0.5 for probabilities and 0 for decisions."""
    threshold = {"predict_proba": 0.5, "decision_function": 0.0} if model.threshold == "auto" else model.threshold
    return _classify(model, block, getattr(model, "estimator_", model.estimator), threshold, model.pos_label)


@converts(TunedThresholdClassifierCV)
def tuned_threshold_classifier(model: TunedThresholdClassifierCV, block: Block) -> Outputs:
    """The threshold is the best one that cross-validation found."""
    return _classify(model, block, model.estimator_, model.best_threshold_, model._curve_scorer._get_pos_label())


def _classify(model: Any, block: Block, estimator: Any, threshold: Any, pos_label: Any) -> Outputs:
    """predict: the positive label where score >= threshold; the probabilities and decisions are the estimator's own.

    Source: sklearn.metrics._scorer._threshold_scores_to_class_labels.
    """
    methods = ["predict_proba", "decision_function"] if model.response_method == "auto" else [model.response_method]
    with step("estimator_"):
        outputs = convert(estimator, block)
        score, method = response(estimator, outputs, methods, pos_label)
    bar = threshold[method] if isinstance(threshold, dict) else threshold
    # A Python number takes the type of the scores, a numpy one may be wider.
    wide = working(np.result_type(dtype_of(score), bar))
    above = ops.greater_or_equal(cast(score, wide), constant(bar, wide))
    classes = np.asarray(model.classes_)
    if pos_label is not None and pos_label == classes[0]:
        classes = classes[::-1]
    scores = {m: v for m, v in outputs.items() if m in ("predict_proba", "predict_log_proba", "decision_function")}
    return {"predict": take(classes, cast(above, np.int64)), **scores}
