"""Products in scikit-learn's own order are equal to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures, StandardScaler

X = StandardScaler().fit_transform(load_wine().data)


@pytest.mark.parametrize("degree", [1, 2, 3, 5, (0, 2), (2, 2), (2, 4), (3, 3)])
@pytest.mark.parametrize("interaction_only", [False, True])
@pytest.mark.parametrize("include_bias", [False, True])
def test_polynomial_features(degree: int, interaction_only: bool, include_bias: bool) -> None:
    model = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=include_bias)
    for kind in (np.float64, np.float32):
        x = X[:, :4].astype(kind)
        assert_same(model.fit(x), x)


@pytest.mark.parametrize("order", ["C", "F"])
def test_order_and_integers(order: str) -> None:
    x = (10 * X[:, :3]).astype(np.int64)
    assert_same(PolynomialFeatures(3, order=order).fit(x), x)


def test_one_column() -> None:
    assert_same(PolynomialFeatures(4).fit(X[:, :1]), X[:, :1])
    assert_same(PolynomialFeatures(4, interaction_only=True).fit(X[:, :1]), X[:, :1])


@pytest.mark.parametrize("degree", [2, 3, 4])
@pytest.mark.parametrize("interaction_only", [False, True])
def test_sparse_products(degree: int, interaction_only: bool) -> None:
    bins = KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf")
    model = make_pipeline(bins, StandardScaler(with_mean=False), PolynomialFeatures(degree, interaction_only=interaction_only))
    assert_same(model.fit(X[:, :3]), X[:, :3])


def test_without_a_single_product() -> None:
    assert_same(PolynomialFeatures(0).fit(X), X)
