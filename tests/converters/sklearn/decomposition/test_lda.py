"""LatentDirichletAllocation on counts of words: every row stops for itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from numpy._core._multiarray_umath import __cpu_features__
from sklearn.decomposition import LatentDirichletAllocation

import vajra_onnx as vo
from vajra_onnx.errors import InputError


def counts(kind: str = "float64") -> np.ndarray:
    return np.random.default_rng(0).poisson(1.5, (40, 8)).astype(kind)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
@pytest.mark.parametrize(
    "parameters",
    [{}, {"n_components": 2}, {"doc_topic_prior": 1e-7}, {"mean_change_tol": 1e-6}, {"max_doc_update_iter": 3}],
    ids=str,
)
def test_every_form_of_data(parameters: dict[str, Any], kind: str) -> None:
    x = counts(kind)
    model = LatentDirichletAllocation(**{"n_components": 4, "max_iter": 3, "random_state": 0, **parameters}).fit(x)
    rows = np.concatenate([x, np.zeros_like(x[:2]), x[:5] * 1000])
    assert_same(model, x, rows, rtol=1e-5 if kind == "float32" else 1e-12)


def test_fitted_on_float32_given_float64() -> None:
    x = counts()
    model = LatentDirichletAllocation(3, max_iter=2, random_state=0).fit(x.astype(np.float32))
    assert_same(model, x, rtol=1e-5)


def test_negative_numbers_are_refused() -> None:
    x = counts()
    session, _ = converted(LatentDirichletAllocation(3, max_iter=2, random_state=0).fit(x), x)
    with pytest.raises(InputError, match="negative"):
        session.run(-x)


def test_proof() -> None:
    """Where numpy has AVX512 its exp is not the C library's, which onnxruntime has: a row on the edge of stopping stops a round
    earlier or later there, and the proof fails. Without the edge it passes everywhere."""
    x = counts()[:20]
    edge = {"mean_change_tol": 0.0} if __cpu_features__["AVX512_SKX"] else {}
    model = LatentDirichletAllocation(3, max_iter=2, max_doc_update_iter=20, random_state=0, **edge).fit(x)
    assert vo.convert(model, x).certificate.passed
