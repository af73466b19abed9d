"""Recursive elimination: the estimator answers on what is selected."""

from __future__ import annotations

import pytest
from compare import assert_same
from sklearn.datasets import load_diabetes, load_wine
from sklearn.feature_selection import RFE, RFECV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)
ALL = ["transform", "predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.parametrize("kind", [RFE, RFECV])
def test_classifier(kind: type) -> None:
    options = {"n_features_to_select": 4} if kind is RFE else {"cv": 2, "min_features_to_select": 3}
    assert_same(kind(LogisticRegression(), **options).fit(X, Y), X, None, ALL, rtol=1e-11, atol=1e-13)


def test_regressor() -> None:
    x, y = load_diabetes(return_X_y=True)
    assert_same(RFE(Ridge(), n_features_to_select=3).fit(x, y), x, None, ["transform", "predict"], rtol=1e-14)
