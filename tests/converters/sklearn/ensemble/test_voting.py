"""Votes and averages are added in the estimators' order; ties go to the first class."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.preprocessing import StandardScaler

from vajra_onnx.errors import UnsupportedError

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :2]
LABELS = [Y, np.array(["c", "a", "b"])[Y], Y > 0]


def members(number: int) -> list[tuple[str, object]]:
    """Classifiers that differ."""
    return [(f"m{i}", LogisticRegression(C=10.0**-i)) for i in range(number - 1)] + [("p", Perceptron(random_state=0))]


@pytest.mark.parametrize("labels", LABELS, ids=["int", "text", "bool"])
@pytest.mark.parametrize("weights", [None, [1, 2, 1, 2], [0.1, 0.2, 0.3, 0.3], [0, 0, 0, 1], [0.0, 0.0, 0.0, 0.0]])
def test_hard(labels: np.ndarray, weights: list[float] | None) -> None:
    model = VotingClassifier(members(4), weights=weights).fit(X, labels)
    assert_same(model, X, None, ["predict", "transform"])


@pytest.mark.parametrize("labels", LABELS, ids=["int", "text", "bool"])
@pytest.mark.parametrize("weights", [None, [1, 2, 9, 0.5]])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_soft_with_a_dropped_estimator(labels: np.ndarray, weights: list[float] | None, kind: type) -> None:
    estimators = [*members(3)[:2], ("gone", "drop"), ("last", LogisticRegression(C=1e-4))]
    model = VotingClassifier(estimators, voting="soft", weights=weights).fit(X.astype(kind), labels)
    tolerance = 1e-13 if kind is np.float64 else 1e-6
    assert_same(model, X.astype(kind), None, ["predict", "predict_proba", "transform"], rtol=tolerance, atol=tolerance)


def test_negative_weights_are_refused() -> None:
    model = VotingClassifier(members(2), weights=[-1, -2]).fit(X, Y)
    with pytest.raises(UnsupportedError, match="weights"):
        converted(model, X)


def test_unflattened_transform_is_not_offered() -> None:
    estimators = [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))]
    model = VotingClassifier(estimators, voting="soft", flatten_transform=False).fit(X, Y)
    assert_same(model, X, rtol=1e-13)
    with pytest.raises(UnsupportedError, match="unknown output"):
        converted(model, X, ["transform"])


@pytest.mark.parametrize("weights", [False, True])
def test_regressor(weights: bool) -> None:
    x, y = load_diabetes(return_X_y=True)
    estimators = [(f"r{i}", Ridge(10.0**i)) for i in range(-6, 6)]
    model = VotingRegressor(estimators, weights=list(range(1, 13)) if weights else None).fit(x, y)
    assert_same(model, x, None, ["predict", "transform"], rtol=1e-14)
