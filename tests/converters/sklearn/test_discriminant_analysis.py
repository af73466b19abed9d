"""LDA and QDA: solvers, priors, projections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, iris, tolerance
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

import vajra_onnx as vo

OUTPUTS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", [LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis])
def test_every_form_of_data_and_labels(kind: Any, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    assert_same(kind().fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("labels", ["binary", "multi"])
@pytest.mark.parametrize("solver", ["svd", "eigen", "lsqr"])
def test_lda_solvers(solver: str, labels: str) -> None:
    x, y = classification("float64", labels)
    outputs = OUTPUTS + ["transform"] * (solver != "lsqr")
    assert_same(LinearDiscriminantAnalysis(solver=solver).fit(x, y), x, outputs=outputs, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("solver", ["svd", "eigen"])
def test_lda_projection_to_fewer_components(solver: str, form: str) -> None:
    x, y = classification(form)
    model = LinearDiscriminantAnalysis(solver=solver, n_components=1).fit(x, y)
    assert_same(model, x, outputs=["transform"], **tolerance(x))


def test_lda_logarithm_of_zero_is_that_of_the_smallest_normal_number() -> None:
    x, y = iris()
    model = LinearDiscriminantAnalysis().fit(x, y)
    far = x * 40
    assert (model.predict_proba(far) == 0).any()
    assert_same(model, x, far, outputs=["predict", "predict_log_proba"], rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("parameters", [{"reg_param": 0.2}, {"priors": [0.1, 0.3, 0.6]}], ids=str)
def test_qda_parameters(parameters: dict[str, Any]) -> None:
    x, y = classification("float64")
    assert_same(QuadraticDiscriminantAnalysis(**parameters).fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


def test_qda_far_away() -> None:
    x, y = iris()
    wide = np.random.default_rng(0).normal(scale=30, size=(300, 4))
    model = QuadraticDiscriminantAnalysis().fit(x, y)
    assert_same(model, x, wide, outputs=OUTPUTS, rtol=1e-12, atol=1e-8)


@pytest.mark.parametrize("model", [LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis()], ids=repr)
def test_proof(model: Any) -> None:
    x, y = classification("float64", rows=60)
    outputs = OUTPUTS + ["transform"] * isinstance(model, LinearDiscriminantAnalysis)
    assert vo.convert(model.fit(x, y), x, outputs=outputs).certificate.passed
