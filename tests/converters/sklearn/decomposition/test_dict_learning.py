"""Sparse codes: soft thresholds and orthogonal matching pursuit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, tolerance
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

DICTIONARY = np.random.default_rng(0).normal(size=(10, 6))
THRESHOLDS: list[dict[str, Any]] = [{}, {"transform_alpha": 3.0}, {"positive_code": True}, {"split_sign": True}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("parameters", THRESHOLDS, ids=str)
def test_thresholds(parameters: dict[str, Any], form: str) -> None:
    x, _ = classification(form)
    assert_same(SparseCoder(DICTIONARY, transform_algorithm="threshold", **parameters).fit(x), x, rtol=1e-12, atol=1e-12)
    kind = x.dtype if form == "float32" else np.float64
    model = SparseCoder(DICTIONARY.astype(kind), transform_algorithm="threshold", **parameters).fit(x)
    close = tolerance(x)
    assert_same(model, x, rtol=close["rtol"], atol=close["atol"] * 10)


@pytest.mark.parametrize("form", ["float64", "int64", "frame"])
@pytest.mark.parametrize("count", [None, 1, 2, 4])
def test_matching_pursuit(count: int | None, form: str) -> None:
    x, _ = classification(form)
    model = SparseCoder(DICTIONARY / np.linalg.norm(DICTIONARY, axis=1, keepdims=True), transform_n_nonzero_coefs=count)
    assert_same(model.fit(x), x, rtol=1e-12, atol=1e-11)
    assert_same(SparseCoder(DICTIONARY, transform_n_nonzero_coefs=count, split_sign=True).fit(x), x, rtol=1e-12, atol=1e-11)


@pytest.mark.filterwarnings("ignore:.*Orthogonal matching pursuit ended prematurely:RuntimeWarning")
def test_matching_pursuit_that_ends_early() -> None:
    atoms = np.r_[np.eye(4), [[1.0, 1.0, 0.0, 0.0]], np.eye(4)[:1]]
    x = np.array([[0.0, 0, 0, 0], [1.0, 0, 0, 0], [0, 2.0, 0, 3.0], [1.0, -1.0, 1.0, -1.0], [2.0, 2.0, 0, 0]])
    assert_same(SparseCoder(atoms, transform_n_nonzero_coefs=4).fit(x), x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [DictionaryLearning, MiniBatchDictionaryLearning])
@pytest.mark.parametrize("algorithm", ["omp", "threshold"])
def test_learned_dictionaries(algorithm: str, kind: Any) -> None:
    x, _ = classification("float64", rows=80)
    model = kind(5, max_iter=3, transform_algorithm=algorithm, transform_n_nonzero_coefs=2, fit_algorithm="cd", random_state=0)
    assert_same(model.fit(x), x, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("algorithm", ["lasso_lars", "lasso_cd", "lars"])
def test_unsupported(algorithm: str) -> None:
    x, _ = classification("float64")
    with pytest.raises(UnsupportedError, match=algorithm):
        converted(SparseCoder(DICTIONARY, transform_algorithm=algorithm).fit(x), x)


@pytest.mark.filterwarnings("ignore:.*Orthogonal matching pursuit ended prematurely:RuntimeWarning")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_matching_pursuit_in_float32(count: int, kind: Any) -> None:
    x, _ = classification("float32", rows=60)
    atoms = (DICTIONARY / np.linalg.norm(DICTIONARY, axis=1, keepdims=True)).astype(kind)
    assert vo.convert(SparseCoder(atoms, transform_n_nonzero_coefs=count).fit(x), x).certificate.passed


@pytest.mark.parametrize("algorithm", ["omp", "threshold"])
def test_proof(algorithm: str) -> None:
    x, _ = classification("float64", rows=40)
    model = SparseCoder(DICTIONARY, transform_algorithm=algorithm, transform_n_nonzero_coefs=2)
    assert vo.convert(model.fit(x), x).certificate.passed
