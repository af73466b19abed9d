"""Mahalanobis distances of every covariance estimator, and the envelope that is cut from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, classification, iris
from sklearn.covariance import (
    OAS,
    EllipticEnvelope,
    EmpiricalCovariance,
    GraphicalLasso,
    GraphicalLassoCV,
    LedoitWolf,
    MinCovDet,
    ShrunkCovariance,
)

import vajra_onnx as vo

MODELS = [
    EmpiricalCovariance(),
    EmpiricalCovariance(store_precision=False, assume_centered=True),
    LedoitWolf(),
    OAS(),
    ShrunkCovariance(shrinkage=0.3),
    MinCovDet(random_state=0),
    GraphicalLasso(alpha=0.2),
    GraphicalLassoCV(cv=2, alphas=2, n_refinements=1),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_mahalanobis(model: Any, form: str) -> None:
    x, _ = classification(form)
    fitted = model.fit(np.asarray(x, np.float64))
    assert_same(fitted, np.asarray(x) if form == "frame" else x, outputs=["mahalanobis"], rtol=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("contamination", [0.1, 0.4])
def test_elliptic_envelope(form: str, contamination: float) -> None:
    x, _ = classification(form)
    model = EllipticEnvelope(contamination=contamination, random_state=0).fit(x)
    assert_same(model, x, outputs=["predict", "decision_function", "score_samples", "mahalanobis"], rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("model", [*MODELS[:1], *MODELS[5:7], EllipticEnvelope(random_state=0)], ids=lambda m: type(m).__name__)
def test_proof(model: Any) -> None:
    x, _ = iris()
    vo.convert(model.fit(x), x)
