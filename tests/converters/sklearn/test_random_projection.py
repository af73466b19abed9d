"""Random projections, of arrays and of sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, regression, tolerance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

import vajra_onnx as vo

MODELS = [
    GaussianRandomProjection(4, random_state=0),
    SparseRandomProjection(4, density=0.5, random_state=0),
    SparseRandomProjection(4, density=0.5, dense_output=True, random_state=0),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_form_of_data(model: Any, form: str) -> None:
    x, _ = regression(form)
    assert_same(model.fit(x), x, **tolerance(x))


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_behind_a_sparse_matrix(model: Any) -> None:
    x = np.random.default_rng(0).integers(0, 4, (60, 5))
    assert_same(make_pipeline(OneHotEncoder(), model).fit(x), x, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_proof(model: Any) -> None:
    x, _ = regression("float64", rows=60)
    assert vo.convert(model.fit(x), x).certificate.passed
