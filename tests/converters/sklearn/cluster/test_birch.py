"""Clusterers that predict the nearest center in float64: Birch, MeanShift, AffinityPropagation."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris
from sklearn.cluster import AffinityPropagation, AgglomerativeClustering, Birch, MeanShift
from sklearn.exceptions import ConvergenceWarning

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

MODELS = [
    Birch(n_clusters=3, threshold=0.8),
    Birch(n_clusters=None, threshold=0.8),
    Birch(n_clusters=AgglomerativeClustering(4), threshold=0.7),
    MeanShift(bandwidth=6.0),
    AffinityPropagation(damping=0.8, random_state=0),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_all_outputs(model: Any, form: str) -> None:
    x, _ = classification(form)
    close = {"rtol": 1e-6, "atol": 1e-5} if form == "float32" else {"rtol": 1e-12, "atol": 1e-6}
    assert_same(model.fit(x), x, outputs=[m for m in ("predict", "transform") if hasattr(model, m)], **close)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_new_rows_of_another_type(model: Any) -> None:
    x, _ = iris()
    rows = np.random.default_rng(0).normal(scale=8, size=(300, 4)).astype(np.float32)
    assert_same(model.fit(x), rows, outputs=["predict"])


def test_affinity_propagation_without_exemplars() -> None:
    x, _ = iris()
    model = AffinityPropagation(max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x[:40])
        assert_same(model, x)
    with pytest.raises(UnsupportedError, match="precomputed"):
        converted(AffinityPropagation(affinity="precomputed", random_state=0).fit(-np.square(x[:9, None] - x[:9]).sum(axis=2)), x)


@pytest.mark.parametrize("model", MODELS[2:], ids=lambda m: type(m).__name__)
def test_proof(model: Any) -> None:
    x, _ = iris()
    vo.convert(model.fit(x), x, outputs=["predict"])
