"""AdaBoost: weighted votes and medians, of trees bit-identical."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, regression
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("depth", [1, 3])
def test_trees(depth: int, form: str, labels: str) -> None:
    x, y = classification(form, labels)
    model = AdaBoostClassifier(DecisionTreeClassifier(max_depth=depth), n_estimators=15, random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function"])
    assert_same(model, x, outputs=["predict_proba", "predict_log_proba"], rtol=2e-15)


@pytest.mark.parametrize("labels", LABELS)
def test_other_classifiers(labels: str) -> None:
    x, y = classification("float64", labels)
    model = AdaBoostClassifier(LogisticRegression(), n_estimators=5, random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function"])


@pytest.mark.parametrize("loss", ["linear", "square", "exponential"])
@pytest.mark.parametrize("form", FORMS)
def test_regressor(form: str, loss: str) -> None:
    x, y = regression(form)
    model: Any = AdaBoostRegressor(DecisionTreeRegressor(max_depth=4), n_estimators=20, loss=loss, random_state=0)
    assert_same(model.fit(x, y), x)


def test_other_regressors() -> None:
    x, y = regression("float64")
    assert_same(AdaBoostRegressor(Ridge(), n_estimators=7, random_state=0).fit(x, y), x, rtol=1e-12, atol=1e-12)
