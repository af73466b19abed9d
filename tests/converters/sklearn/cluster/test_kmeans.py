"""KMeans and its relatives: labels and distances, in the float type of the centers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris
from sklearn.cluster import BisectingKMeans, KMeans, MiniBatchKMeans

from vajra_onnx.errors import UnsupportedError

MODELS = [
    KMeans(5, n_init=1, random_state=0),
    MiniBatchKMeans(4, n_init=1, random_state=0),
    BisectingKMeans(6, random_state=0),
    BisectingKMeans(7, random_state=0, bisecting_strategy="largest_cluster"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_labels_and_distances(model: Any, form: str) -> None:
    x, _ = classification(form)
    close = {"rtol": 1e-6} if form == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    assert_same(model.fit(x), x, outputs=["predict", "transform"], **close)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_new_rows(model: Any) -> None:
    x, _ = iris()
    wide = np.random.default_rng(0).normal(scale=10, size=(400, 4))
    assert_same(model.fit(x), x, wide, outputs=["predict", "transform"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_another_float_type_has_distances_only_as_in_the_original(model: Any) -> None:
    x, _ = iris()
    model.fit(x)
    single = x.astype(np.float32)
    with pytest.raises(ValueError, match=r"[Bb]uffer dtype|signature"):
        model.predict(single)
    with pytest.raises(UnsupportedError, match="predict"):
        converted(model, single, outputs=["predict"])
    assert_same(model, single, outputs=["transform"], rtol=1e-12, atol=1e-12)


def test_a_sparse_matrix_as_training_data() -> None:
    from scipy.sparse import csr_matrix

    x, _ = iris()
    for model in MODELS:
        assert_same(model.fit(csr_matrix(x)), x, outputs=["predict", "transform"], rtol=1e-12, atol=1e-7)
