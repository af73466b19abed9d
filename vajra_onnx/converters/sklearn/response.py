"""sklearn.utils._response: the score that a meta-estimator reads from its classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.multiclass import type_of_target
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ..registry import Output
from .arrays import column


def response(estimator: Any, outputs: Mapping[str, Output], methods: Sequence[str], pos_label: Any = None) -> tuple[Var, str]:
    """Of the estimator's outputs, the answer of the first method that it has, and that method.

    Binary: [N], the probability of the positive class, or its logarithm, or the decision with its sign for that class;
    multiclass: [N, K].
    Source: sklearn.utils._response._get_response_values.
    """
    method = next((m for m in methods if hasattr(estimator, m)), None)
    answer = outputs.get(method or "")
    if method is None or not isinstance(answer, Var):
        raise UnsupportedError(expected=f"an estimator with {' or '.join(methods)}", got=type(estimator).__name__)
    if method == "predict":
        return answer, method
    classes = np.asarray(estimator.classes_)
    if type_of_target(classes) != "binary":
        return answer, method
    positive = classes[-1] if pos_label is None else pos_label
    if method in ("predict_proba", "predict_log_proba"):
        return column(answer, int(np.flatnonzero(classes == positive)[0])), method
    return ops.neg(answer) if positive == classes[0] else answer, method
