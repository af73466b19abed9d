"""sklearn.linear_model._ridge."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Ridge, RidgeClassifier, RidgeClassifierCV, RidgeCV

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant_like
from ...registry import Outputs, converts
from ..labels import take
from .base import classify_linear, decision_function, predict_linear

converts(Ridge, RidgeCV)(predict_linear)


@converts(RidgeClassifier, RidgeClassifierCV)
def ridge_classifier(model: RidgeClassifier | RidgeClassifierCV, block: Block) -> Outputs:
    """A linear classifier; for multilabel targets an indicator matrix of the positive decisions."""
    if not model._label_binarizer.y_type_.startswith("multilabel"):
        return classify_linear(model, block)
    decision = decision_function(model, block)
    chosen = ops.cast(ops.greater(decision, constant_like(decision, 0.0)), to=np.int64)
    return {"predict": take(np.array([0, 1]), chosen), "decision_function": decision}
