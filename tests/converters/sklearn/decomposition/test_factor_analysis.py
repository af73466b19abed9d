"""FactorAnalysis: latent variables and log-likelihoods, in float64 whatever the data is."""

from __future__ import annotations

import pytest
from compare import assert_same
from samples import FORMS, classification, tolerance
from sklearn.decomposition import FactorAnalysis

import vajra_onnx as vo

MODELS = [FactorAnalysis(3), FactorAnalysis(2, rotation="varimax"), FactorAnalysis(3, svd_method="lapack")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_form_of_data(model: FactorAnalysis, form: str) -> None:
    x, _ = classification(form)
    assert_same(model.fit(x), x, outputs=["transform", "score_samples"], rtol=1e-12, atol=1e-12)


def test_fitted_on_float64_given_float32() -> None:
    x, _ = classification("float64")
    assert_same(FactorAnalysis(3).fit(x), x.astype("float32"), outputs=["transform", "score_samples"], **tolerance(x))


def test_proof() -> None:
    x, _ = classification("float64", rows=60)
    assert vo.convert(FactorAnalysis(3).fit(x), x, outputs=["transform", "score_samples"]).certificate.passed
