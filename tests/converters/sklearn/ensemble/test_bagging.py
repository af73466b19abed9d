"""Bags: of trees bit-identical, of others as close as these are, on some of the columns and with classes that some never saw."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import FORMS, classification, regression
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("labels", ["binary", "multi-string"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("columns", [{"max_features": 0.5}, {"max_features": 0.7, "bootstrap_features": True}])
def test_trees(columns: dict[str, Any], form: str, labels: str) -> None:
    x, y = classification(form, labels)
    model = BaggingClassifier(DecisionTreeClassifier(max_depth=4), random_state=0, **columns).fit(x, y)
    assert_same(model, x, outputs=["predict", "predict_proba"])
    assert_same(model, x, outputs=["predict_log_proba"], atol=2e-15)


@pytest.mark.parametrize("labels", ["binary", "multi-string"])
def test_other_classifiers(labels: str) -> None:
    x, y = classification("frame", labels)
    model = BaggingClassifier(LogisticRegression(), max_features=0.7, random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "predict_proba", "predict_log_proba"], rtol=1e-12)
    assert_same(model, x, outputs=["decision_function"], rtol=1e-12, atol=1e-12)


def test_votes_of_classifiers_without_probabilities() -> None:
    x, y = classification("float64", "multi-string")
    assert_same(BaggingClassifier(Perceptron(random_state=0), random_state=0).fit(x, y), x)


def test_classes_that_some_estimators_never_saw() -> None:
    x, y = classification("float64")
    rows_only = make_pipeline(MinMaxScaler(), DecisionTreeClassifier())  # takes no sample weights, so it is given fewer rows
    model = BaggingClassifier(rows_only, max_samples=4, random_state=1).fit(x, y)
    assert any(len(e.classes_) == 2 for e in model.estimators_)
    assert_same(model, x, outputs=["predict", "predict_proba"])


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_regressor(form: str, targets: int) -> None:
    x, y = regression(form, targets)
    assert_same(BaggingRegressor(DecisionTreeRegressor(max_depth=4), max_features=0.5, random_state=0).fit(x, y), x)


def test_other_regressors() -> None:
    x, y = regression("float64")
    assert_same(BaggingRegressor(Ridge(), max_features=0.5, random_state=0).fit(x, y), x, rtol=1e-12, atol=1e-12)
