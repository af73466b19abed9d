"""sklearn.feature_selection._rfe: recursive elimination; the selected columns feed the estimator."""

from __future__ import annotations

from sklearn.feature_selection import RFE, RFECV

from ....graph.block import Block
from ...registry import Outputs, convert, converts, step
from .base import selected


@converts(RFE, RFECV)
def rfe(model: RFE | RFECV, block: Block) -> Outputs:
    """`transform` selects; every other method is the estimator's, on the selected columns."""
    columns = selected(model, block)
    with step("estimator_"):
        outputs = convert(model.estimator_, columns)
    methods = ("predict", "predict_proba", "predict_log_proba", "decision_function")
    return {"transform": columns, **{method: outputs[method] for method in methods if method in outputs}}
