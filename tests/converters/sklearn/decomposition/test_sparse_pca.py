"""SparsePCA and MiniBatchSparsePCA: ridge regression on the components.

For a single row the originals return [K]; the graph keeps its [1, K].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_equal, converted
from samples import FORMS, classification, tolerance
from sklearn.decomposition import MiniBatchSparsePCA, SparsePCA

import vajra_onnx as vo

MODELS = [
    SparsePCA(3, max_iter=10, random_state=0),
    SparsePCA(2, ridge_alpha=1.0, alpha=0.1, max_iter=10, random_state=0),
    SparsePCA(9, max_iter=5, random_state=0),
    MiniBatchSparsePCA(3, max_iter=5, batch_size=50, random_state=0),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_form_of_data(model: Any, form: str) -> None:
    x, _ = classification(form, rows=80)
    session, _ = converted(model.fit(x), x)
    assert_equal(session.run(x)["transform"], model.transform(x), "transform", **tolerance(x))
    first = x.iloc[:1] if form == "frame" else x[:1]
    assert_equal(session.run(first)["transform"], model.transform(first).reshape(1, -1), "transform", **tolerance(x))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_another_float_type_than_the_fitted_one() -> None:
    x, _ = classification("float64", rows=80)
    for fitted, given in ((np.float32, np.float64), (np.float64, np.float32)):
        model = SparsePCA(3, max_iter=10, random_state=0).fit(x.astype(fitted))
        session, _ = converted(model, x.astype(given))
        expected = model.transform(x.astype(given))
        assert_equal(session.run(x.astype(given))["transform"], expected, "transform", rtol=1e-6, atol=1e-5)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_proof() -> None:
    x, _ = classification("float64", rows=60)
    assert vo.convert(SparsePCA(3, max_iter=10, random_state=0).fit(x), x).certificate.passed
