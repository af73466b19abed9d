"""sklearn.linear_model._logistic."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant, constant_like
from ...registry import Outputs, converts
from ..labels import largest, positive


@converts(LogisticRegression)
def logistic_regression(model: LogisticRegression, block: Block) -> Outputs:
    """decision = X @ coef.T + intercept; probabilities are the logistic function (binary) or the softmax of it."""
    x = block.floats()
    scores = ops.add(ops.matmul(x, constant_like(x, model.coef_.T)), constant_like(x, model.intercept_))
    if len(model.classes_) == 2:
        decision = ops.reshape(scores, constant(np.array([-1])))
        p = ops.sigmoid(scores)
        proba = ops.concat([ops.sub(constant_like(x, 1.0), p), p], axis=1)
        label = positive(model.classes_, decision)
    else:
        decision = scores
        proba = ops.softmax(scores, axis=1)
        label = largest(model.classes_, scores)
    return {"predict": label, "predict_proba": proba, "predict_log_proba": ops.log(proba), "decision_function": decision}
