"""Mixtures of Gaussians: every type of covariance, in the type in which the original computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris, tolerance
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

OUTPUTS = ["predict", "predict_proba", "score_samples"]
COVARIANCES = ("full", "tied", "diag", "spherical")
MODELS = [
    *(GaussianMixture(3, covariance_type=c, random_state=0, tol=0.1) for c in COVARIANCES),
    *(BayesianGaussianMixture(n_components=3, covariance_type=c, random_state=0, tol=0.1) for c in COVARIANCES),
    BayesianGaussianMixture(n_components=3, weight_concentration_prior_type="dirichlet_distribution", random_state=0, tol=0.1),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{type(m).__name__}-{m.covariance_type}")
def test_all_outputs(model: Any, form: str) -> None:
    x, _ = classification(form)
    close = {"rtol": 1e-4, "atol": 1e-5} if form == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    assert_same(model.fit(x), x, outputs=OUTPUTS, **close)


@pytest.mark.parametrize("model", MODELS[:4], ids=lambda m: m.covariance_type)
def test_float32_rows_for_a_float64_model(model: Any) -> None:
    x, _ = iris()
    # Spherical: the original adds up ||x||^2 in float32; an ulp of it, times the precision, is 4e-5 here.
    close = {"rtol": 1e-6, "atol": 1e-4} if model.covariance_type == "spherical" else tolerance(x.astype(np.float32))
    assert_same(model.fit(x), x.astype(np.float32), outputs=OUTPUTS, **close)


@pytest.mark.parametrize("model", MODELS[:4], ids=lambda m: m.covariance_type)
def test_narrow_integers_overflow_in_the_original(model: Any) -> None:
    x, _ = iris()
    with pytest.raises(UnsupportedError, match="int8"):
        converted(model.fit(x), x.astype(np.int8), outputs=OUTPUTS)


@pytest.mark.parametrize("kind", [GaussianMixture, BayesianGaussianMixture])
def test_proof(kind: Any) -> None:
    x, _ = iris()
    vo.convert(kind(n_components=2, random_state=0, tol=0.1).fit(x), x, outputs=OUTPUTS)
