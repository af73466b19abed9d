"""FastICA with and without whitening."""

from __future__ import annotations

import warnings

import pytest
from compare import assert_same
from samples import FORMS, classification, tolerance
from sklearn.decomposition import FastICA

import vajra_onnx as vo


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("whiten", ["unit-variance", "arbitrary-variance", False])
def test_every_form_of_data(whiten: str | bool, form: str) -> None:
    x, _ = classification(form)
    model = FastICA(3 if whiten else None, whiten=whiten, random_state=0, max_iter=20)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without whitening it need not converge
        model.fit(x)
    assert_same(model, x, **tolerance(x))


def test_fitted_on_float32_given_float64() -> None:
    x, _ = classification("float64")
    model = FastICA(3, random_state=0).fit(x.astype("float32"))
    assert_same(model, x, **tolerance(x))


def test_proof() -> None:
    x, _ = classification("float64", rows=100)
    assert vo.convert(FastICA(3, tol=0.01, random_state=0).fit(x), x).certificate.passed
