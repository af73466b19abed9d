"""LogisticRegression and LogisticRegressionCV: solvers, penalties, classes, extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import FORMS, LABELS, classification, iris, tolerance
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

OUTPUTS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
def test_every_form_of_data_and_labels(form: str, labels: str) -> None:
    x, y = classification(form, labels)
    assert_same(LogisticRegression(max_iter=1000).fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("labels", ["binary", "multi-string"])
@pytest.mark.parametrize("solver", ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_solvers(solver: str, labels: str, fit_intercept: bool) -> None:
    x, y = classification("float64", labels)
    model = LogisticRegression(solver=solver, max_iter=5000, fit_intercept=fit_intercept)
    assert_same(model.fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
def test_liblinear(form: str) -> None:
    x, y = classification(form, "binary-string")
    assert_same(LogisticRegression(solver="liblinear").fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("labels", ["binary-bool", "multi"])
def test_cross_validated(labels: str) -> None:
    x, y = classification("float64", labels)
    model = LogisticRegressionCV(Cs=3, cv=3, max_iter=1000, use_legacy_attributes=False, l1_ratios=(0.0,), scoring="accuracy")
    assert_same(model.fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


def test_sparsified_weights() -> None:
    x, y = classification("float64")
    assert_same(LogisticRegression(max_iter=1000).fit(x, y).sparsify(), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("scale", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("labels", ["binary", "multi"])
def test_saturated_probabilities(labels: str, scale: float) -> None:
    """Far from the boundary a probability underflows: its relative error must stay small, which Sigmoid does not manage."""
    x, y = classification("float64", labels)
    model = LogisticRegression(max_iter=1000).fit(x, y)
    far = x * scale
    with np.errstate(over="ignore", divide="ignore"):
        assert_same(model, x, far, outputs=["predict", "decision_function"], rtol=1e-12, atol=1e-13 * scale)
        assert_same(model, x, far, outputs=["predict_proba"], rtol=1e-12 * scale, atol=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=4, max_size=4))
def test_any_row(row: list[Any]) -> None:
    x, y = iris()
    model = LogisticRegression(max_iter=1000).fit(x, y)
    assert_same(model, x, np.array([row]), outputs=["predict", "decision_function"], rtol=1e-12, atol=1e-11)
