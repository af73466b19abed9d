"""Partial least squares: predictions and scores."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import FORMS, regression
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression

import vajra_onnx as vo

MODELS = [PLSRegression(2), PLSRegression(3, scale=False), PLSCanonical(2), CCA(2, max_iter=2000)]


def close(form: str) -> dict[str, float]:
    return {"rtol": 1e-6, "atol": 1e-3} if form == "float32" else {"rtol": 1e-12, "atol": 1e-11}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_two_targets(model: Any, form: str) -> None:
    x, y = regression(form, targets=2)
    assert_same(model.fit(x, y), x, outputs=["predict", "transform"], **close(form))


@pytest.mark.parametrize("form", FORMS)
def test_one_target_is_a_vector(form: str) -> None:
    x, y = regression(form)
    assert_same(PLSRegression(2).fit(x, y), x, outputs=["predict", "transform"], **close(form))
    assert_same(PLSRegression(2).fit(x, y[:, None]), x, outputs=["predict"], **close(form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [True, False])
def test_svd(scale: bool, form: str) -> None:
    x, y = regression(form, targets=2)
    assert_same(PLSSVD(2, scale=scale).fit(x, y), x, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("model", [*MODELS, PLSSVD(2)], ids=repr)
def test_proof(model: Any) -> None:
    x, y = regression("float64", targets=2, rows=60)
    outputs = ["transform"] if isinstance(model, PLSSVD) else ["predict", "transform"]
    assert vo.convert(model.fit(x, y), x, outputs=outputs).certificate.passed
