"""Bins: a value on an edge belongs to the bin above it, in float64, whatever the dtype of the values."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from sklearn.datasets import load_wine
from sklearn.preprocessing import KBinsDiscretizer

X = load_wine().data


def on_the_edges(model: KBinsDiscretizer, kind: type) -> np.ndarray:
    """Every edge of every column and its neighbours, and values far outside."""
    rows = []
    for j, edges in enumerate(model.bin_edges_):
        finite = edges[np.isfinite(edges)].astype(kind)
        for value in np.concatenate(
            [finite, np.nextafter(finite, kind(9e9)), np.nextafter(finite, kind(-9e9)), [kind(-1e9), kind(1e9)]]
        ):
            row = X[0].astype(kind)
            row[j] = value
            rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("dtype", [None, np.float32, np.float64])
def test_k_bins(encode: str, strategy: str, kind: type, dtype: type | None) -> None:
    model = KBinsDiscretizer(4, encode=encode, strategy=strategy, dtype=dtype, quantile_method="averaged_inverted_cdf")
    model.fit(X.astype(kind))
    assert_same(model, X.astype(kind), on_the_edges(model, kind))


@pytest.mark.parametrize("encode", ["onehot-dense", "ordinal"])
@pytest.mark.filterwarnings("ignore:Feature 0 is constant", "ignore:Bins whose width")
def test_constant_columns_and_merged_bins(encode: str) -> None:
    x = np.c_[np.ones(90), np.repeat([1.0, 2.0, 7.0], 30), np.arange(90)]
    model = KBinsDiscretizer([2, 5, 3], encode=encode, strategy="quantile", quantile_method="averaged_inverted_cdf")
    assert_same(model.fit(x), x)


@pytest.mark.parametrize("encode", ["onehot-dense", "ordinal"])
def test_integers(encode: str) -> None:
    x = X[:, [4, 12]].astype(np.int64)
    assert_same(KBinsDiscretizer(3, encode=encode, strategy="uniform").fit(x), x)
