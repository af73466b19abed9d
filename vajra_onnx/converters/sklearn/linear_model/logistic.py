"""sklearn.linear_model._logistic."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from spox import Var

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant
from ...registry import Outputs, converts
from .base import decision_function, one_vs_rest_proba, predict_labels, with_logistic, with_probabilities


@converts(LogisticRegression, LogisticRegressionCV)
def logistic_regression(model: LogisticRegression | LogisticRegressionCV, block: Block) -> Outputs:
    """The logistic function of the decision for two classes, the softmax of it for more.

    Up to scikit-learn 1.7, `multi_class` and the solver could choose otherwise: one-versus-rest for any number of classes,
    and for two classes the softmax of [-decision, decision].
    """
    if _is_one_vs_rest(model) and len(model.classes_) == 2:
        return with_logistic(model, block)
    decision = decision_function(model, block)
    outputs = {"predict": predict_labels(model.classes_, decision), "decision_function": decision}
    return with_probabilities(outputs, one_vs_rest_proba(decision) if _is_one_vs_rest(model) else _softmax(decision))


def _is_one_vs_rest(model: LogisticRegression | LogisticRegressionCV) -> bool:
    """Source: LogisticRegression.predict_proba of scikit-learn 1.6 and 1.9; without `multi_class`, as if it were "auto"."""
    choice = getattr(model, "multi_class", "auto")
    automatic = len(model.classes_) <= 2 or (hasattr(model, "multi_class") and model.solver == "liblinear")
    return choice == "ovr" or (choice in ("auto", "deprecated") and automatic)


def _softmax(decision: Var) -> Var:
    if len(decision.unwrap_tensor().shape or ()) == 1:
        column = ops.unsqueeze(decision, constant(np.array([1])))
        decision = ops.concat([ops.neg(column), column], axis=1)
    return ops.softmax(decision, axis=1)
