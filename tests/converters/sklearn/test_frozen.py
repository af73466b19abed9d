"""A frozen estimator answers as the one inside."""

from __future__ import annotations

from compare import assert_same
from sklearn.datasets import load_wine
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def test_frozen_transformer_and_classifier() -> None:
    x, y = load_wine(return_X_y=True)
    scaler = FrozenEstimator(StandardScaler().fit(x))
    assert_same(scaler, x)
    classifier = FrozenEstimator(LogisticRegression().fit(scaler.transform(x), y))
    assert_same(make_pipeline(scaler, classifier).fit(x, y), x, None, ["predict", "decision_function"], rtol=1e-11, atol=1e-12)
