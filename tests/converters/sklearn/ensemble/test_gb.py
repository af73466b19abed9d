"""Gradient boosting: raw sums are bit-identical; probabilities are within the error of exp and log."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, regression
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from thresholds import rows_on

from vajra_onnx.errors import UnsupportedError

STAGES = 15
RAW = ["predict", "decision_function", "apply"]
PROBABILITIES = ["predict_proba", "predict_log_proba"]


def cuts(model: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    inner = [(e.tree_.children_left >= 0, e.tree_) for e in model.estimators_.ravel()]
    return [(tree.feature[i], tree.threshold[i]) for i, tree in inner]


@pytest.mark.filterwarnings("ignore:X has feature names")  # `apply` of a DataFrame, in scikit-learn itself
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", FORMS)
def test_classifier(form: str, labels: str) -> None:
    x, y = classification(form, labels)
    model = GradientBoostingClassifier(n_estimators=STAGES, random_state=0).fit(x, y)
    assert_same(model, x, outputs=RAW)
    assert_same(model, x, outputs=PROBABILITIES, rtol=2e-15)


@pytest.mark.parametrize("init", [None, "zero"])
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_regressor(loss: str, init: Any) -> None:
    x, y = regression("float64")
    model = GradientBoostingRegressor(loss=loss, init=init, n_estimators=STAGES, random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), ["predict", "apply"])


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("init", [None, "zero", DummyClassifier(strategy="most_frequent")])
@pytest.mark.parametrize("loss", ["log_loss", "exponential"])
def test_binary_losses(loss: str, init: Any) -> None:
    x, y = classification("float64", "binary")
    model = GradientBoostingClassifier(loss=loss, init=init, n_estimators=STAGES, random_state=0).fit(x, y)
    data = rows_on(cuts(model), x)
    assert_same(model, x, data, RAW)
    assert_same(model, x, data, PROBABILITIES, rtol=2e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_on_the_thresholds(dtype: type) -> None:
    x, y = classification(np.dtype(dtype).name)
    model = GradientBoostingClassifier(n_estimators=STAGES, max_depth=5, learning_rate=0.37, random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), RAW)


def test_a_raw_sum_of_zero_is_the_second_class() -> None:
    x, y = np.array([[0.0], [1.0]] * 10), np.array([0, 1, 1, 0] * 5)
    model = GradientBoostingClassifier(init="zero", n_estimators=3).fit(x, y)
    assert (model.decision_function(x) == 0).all()
    assert_same(model, x, outputs=RAW)


@pytest.mark.parametrize("init", [DecisionTreeRegressor(max_depth=2), DummyRegressor(strategy="constant", constant=0.1)])
def test_init_of_a_regressor(init: Any) -> None:
    x, y = regression("float64")
    model = GradientBoostingRegressor(init=init, n_estimators=STAGES, random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict"])
    assert_same(model, x, outputs=["predict"], target_opset=17)


def test_init_is_given_float32() -> None:
    x, y = regression("float64")
    model = GradientBoostingRegressor(init=LinearRegression(), n_estimators=STAGES, random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict"], rtol=1e-6, atol=1e-4)  # of values up to 500, in float32


@pytest.mark.parametrize(("labels", "loss"), [("binary", "log_loss"), ("binary", "exponential"), ("multi", "log_loss")])
def test_init_of_a_classifier(labels: str, loss: str) -> None:
    x, y = classification("float64", labels)
    model = GradientBoostingClassifier(loss=loss, init=DecisionTreeClassifier(max_depth=2), n_estimators=STAGES).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function", "predict_proba"], rtol=1e-13, atol=1e-14)
    model.set_params(init=LogisticRegression()).fit(x, y)
    assert_same(model, x, outputs=["predict", "predict_proba"], atol=1e-6)  # scikit-learn computes the init in float32


def test_a_random_init_is_refused() -> None:
    x, y = classification("float64")
    model = GradientBoostingClassifier(init=DummyClassifier(strategy="uniform"), n_estimators=2).fit(x, y)
    with pytest.raises(UnsupportedError, match=r"init of gradient boosting.*strategy 'uniform'"):
        converted(model, x)


@pytest.mark.parametrize("opset", [17, 20])
@pytest.mark.parametrize("labels", ["binary", "multi"])
def test_older_opsets_are_exact_too(labels: str, opset: int) -> None:
    x, y = classification("float64", labels)
    model = GradientBoostingClassifier(n_estimators=STAGES, random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), RAW, target_opset=opset)
