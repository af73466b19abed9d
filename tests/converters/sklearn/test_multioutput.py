"""Several targets: side by side, and in chains that hand on what they said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from sklearn.datasets import load_wine
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.preprocessing import StandardScaler

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :4]
LABELS = np.c_[Y == 0, Y > 0, Y == 1].astype(int)
WITHOUT_DECISION = VotingClassifier([("a", LogisticRegression()), ("b", LogisticRegression(C=0.01))], voting="soft")
CLASSIFIERS = [LogisticRegression(), Perceptron(random_state=0), WITHOUT_DECISION]
TOLERANCE: Any = {"rtol": 1e-11, "atol": 1e-13}


@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("labels", [LABELS, np.array(["c", "a", "b"])[np.c_[Y, Y[::-1]]]], ids=["int", "text"])
def test_classifiers_side_by_side(classifier: Any, labels: np.ndarray) -> None:
    model = MultiOutputClassifier(classifier).fit(X, labels)
    assert_same(model, X, None, [m for m in ("predict", "predict_proba") if hasattr(model, m)], **TOLERANCE)


def test_one_probability_matrix_per_target() -> None:
    session, _ = converted(MultiOutputClassifier(LogisticRegression()).fit(X, LABELS), X)
    assert [c.name for c in session.schema.outputs] == ["predict", "predict_proba_0", "predict_proba_1", "predict_proba_2"]


@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_classifier_chain(classifier: Any, method: str, kind: type) -> None:
    if not hasattr(classifier, method):
        method = "predict"
    x = (3 * X).astype(kind)
    model = ClassifierChain(classifier, order=[2, 0, 1], chain_method=method).fit(x, LABELS)
    outputs = [m for m in ("predict", "predict_proba", "decision_function") if hasattr(model, m)]
    logarithm = ["predict_log_proba"] if "predict_proba" in outputs else []
    assert_same(model, x, None, outputs + logarithm, **TOLERANCE)


def test_regressors() -> None:
    targets = np.c_[Y, X[:, 0], X[:, 1] ** 2]
    assert_same(MultiOutputRegressor(Ridge()).fit(X, targets), X, **TOLERANCE)
    assert_same(RegressorChain(Ridge(), order=[1, 0, 2]).fit(X, targets), X, **TOLERANCE)
