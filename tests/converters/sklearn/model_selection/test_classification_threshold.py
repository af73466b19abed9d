"""The label is positive from the threshold on, not above it, and positive is what the user said."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.preprocessing import StandardScaler

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :3]
NAMES = np.array(["malignant", "benign"])[Y]
SCORES = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.parametrize("threshold", ["auto", 0.3, np.float64(0.7), -1.0])
@pytest.mark.parametrize("pos_label", [None, "benign", "malignant"])
@pytest.mark.parametrize("method", ["auto", "predict_proba", "decision_function"])
def test_fixed_threshold(threshold: float, pos_label: str | None, method: str) -> None:
    model = FixedThresholdClassifier(LogisticRegression(), threshold=threshold, pos_label=pos_label, response_method=method)
    assert_same(model.fit(X, NAMES), X, None, SCORES, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("scale", [1, -1])
@pytest.mark.parametrize("pos_label", [0, 1])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_scores_on_the_threshold(scale: int, pos_label: int, kind: type) -> None:
    """Decisions that are whole numbers, some of them the threshold itself."""
    model = FixedThresholdClassifier(Perceptron(), threshold=2.0 * scale, pos_label=pos_label).fit(X, Y)
    model.estimator_.coef_, model.estimator_.intercept_ = np.array([[1.0, 0.0, 0.0]]), np.array([1.0])
    x = np.arange(-6, 6).repeat(3).reshape(-1, 3).astype(kind)
    assert_same(model, x, None, ["predict", "decision_function"])


def test_threshold_in_the_type_of_the_scores() -> None:
    """0.1 as a Python number is compared as float32 with float32 scores, as numpy.float64 in float64."""
    for threshold in (0.1, np.float64(0.1)):
        model = FixedThresholdClassifier(Perceptron(), threshold=threshold).fit(X.astype(np.float32), Y)
        model.estimator_.coef_, model.estimator_.intercept_ = np.eye(3, dtype=np.float32)[:1], np.zeros(1, np.float32)
        x = np.full((3, 3), 0.1, np.float32)
        x[0], x[2] = np.nextafter(x[0], np.float32(0)), np.nextafter(x[2], np.float32(1))
        assert_same(model, x, None, ["predict"])


@pytest.mark.parametrize("labels", [Y, Y == 1, 2 * Y - 1])
@pytest.mark.parametrize("method", ["auto", "decision_function"])
def test_tuned_threshold(labels: np.ndarray, method: str) -> None:
    model = TunedThresholdClassifierCV(LogisticRegression(), thresholds=11, cv=2, response_method=method, random_state=0)
    assert_same(model.fit(X, labels), X, None, SCORES, rtol=1e-11, atol=1e-13)


def test_prefit() -> None:
    model = TunedThresholdClassifierCV(LogisticRegression().fit(X, Y), cv="prefit", refit=False, thresholds=7)
    assert_same(model.fit(X, Y), X, rtol=1e-11, atol=1e-13)
