"""Isolation forests: depths are added in the order of the trees, so that scores differ by the rounding of 2 ** x at most."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, classification
from sklearn.ensemble import IsolationForest

SCORES = ["decision_function", "score_samples"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("features", [1.0, 0.5])
def test_scores_and_labels(features: float, form: str) -> None:
    x, _ = classification(form)
    model = IsolationForest(n_estimators=20, max_features=features, contamination=0.1, random_state=0).fit(x)
    assert_same(model, x, outputs=["predict"])
    assert_same(model, x, outputs=SCORES, rtol=2e-16, atol=2e-16)


def test_missing_values_and_infinities() -> None:
    x, _ = classification("float64")
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    model = IsolationForest(n_estimators=20, max_samples=40, random_state=0).fit(x)
    data = x.copy()
    data[::3, 0], data[::4, 1] = np.inf, -np.inf
    assert_same(model, x, data, outputs=["predict"])
    assert_same(model, x, data, outputs=SCORES, rtol=2e-16, atol=2e-16)
