"""PCA projects first and centres afterwards; only the order of the matrix product's own sum is the runtime's."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

X = StandardScaler().fit_transform(load_wine().data)
TOLERANCE = {np.float64: 1e-14, np.float32: 3e-6}
MODELS = [
    PCA(3),
    PCA(0.9),
    PCA(5, whiten=True),
    PCA(13, whiten=True, svd_solver="covariance_eigh"),
    PCA(3, svd_solver="arpack", random_state=0),
    IncrementalPCA(4, whiten=True),
    TruncatedSVD(4, random_state=0),
]


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("fitted_on", [np.float64, np.float32])
@pytest.mark.parametrize("given", [np.float64, np.float32])
def test_projection(model: PCA, fitted_on: type, given: type) -> None:
    model.fit(X.astype(fitted_on))
    assert_same(model, X.astype(given), atol=TOLERANCE[np.float32 if fitted_on is given is np.float32 else np.float64])


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_integers(model: PCA) -> None:
    x = (10 * X).astype(np.int64)
    assert_same(model.fit(x), x, atol=1e-12)


def test_whitening_a_column_without_variance() -> None:
    x = np.c_[X[:, :3], X[:, :1]]
    assert_same(PCA(4, whiten=True).fit(x[:60]), x[:60], atol=10.0)
    assert_same(PCA(3, whiten=True).fit(x[:60]), x, atol=1e-12)


def test_sparse_input() -> None:
    model = make_pipeline(
        KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), PCA(3, svd_solver="arpack", random_state=0)
    )
    assert_same(model.fit(X), X, atol=1e-14)
