"""KNNImputer against scikit-learn: distances with gaps, weights, columns that were empty, donors that share nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same
from sklearn.impute import KNNImputer

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError


def gaps(dtype: Any = np.float64, rows: int = 120, share: float = 0.25, seed: int = 0) -> np.ndarray:
    """Numbers without ties, a quarter of them missing; a few rows have nothing at all."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 5)) * [1, 2, 3, 0.5, 1] + [0, 1, 0, 2, 0]
    x[rng.random(x.shape) < share] = np.nan
    x[3:6] = np.nan
    return x.astype(dtype)


def within(dtype: Any) -> dict[str, float]:
    """Single precision distances cannot tell neighbours apart as closely, but pick the same ones here."""
    return {"rtol": 1e-6, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-13}


def one_gap(rows: int = 100, seed: int = 0) -> np.ndarray:
    """At most one gap per row, so that no distance is a tiny difference of large squares, of which only noise is left."""
    x = gaps(rows=rows, share=0.0, seed=seed)[6:]
    rng = np.random.default_rng(seed)
    x[np.arange(0, len(x), 2), rng.integers(0, 5, (len(x) + 1) // 2)] = np.nan
    return x


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("k", [1, 4, 500])
def test_neighbours(k: int, dtype: Any) -> None:
    assert_same(KNNImputer(n_neighbors=k).fit(gaps(dtype)), gaps(dtype), gaps(dtype, rows=60, seed=1), **within(dtype))


@pytest.mark.parametrize("k", [1, 4, 500])
def test_weights(k: int) -> None:
    assert_same(KNNImputer(n_neighbors=k, weights="distance").fit(one_gap()), one_gap(), one_gap(seed=1), **within(np.float64))


def test_weights_of_a_twin() -> None:
    """A donor at distance 0 is the only one that counts. Small integers: their squares cancel without a rest."""
    x = np.arange(60.0).reshape(20, 3) % 17
    holes = x.copy()
    holes[::2, 1] = np.nan
    assert_same(KNNImputer(weights="distance").fit(x), holes, rtol=1e-12)


@pytest.mark.parametrize("fitted", [np.float64, np.float32])
def test_other_float_type_than_fitted(fitted: Any) -> None:
    other = np.float32 if fitted == np.float64 else np.float64
    assert_same(KNNImputer(n_neighbors=3).fit(gaps(fitted)), gaps(other, seed=1), **within(np.float32))


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("indicator", [False, True])
def test_empty_columns_and_indicator(keep: bool, indicator: bool) -> None:
    x = gaps()
    x[:, 2] = np.nan
    imputer = KNNImputer(keep_empty_features=keep, add_indicator=indicator).fit(x)
    assert_same(imputer, x, gaps(seed=2), **within(np.float64))
    assert_same(imputer, x, np.nan_to_num(gaps(seed=2), nan=1.0), **within(np.float64))


def test_another_sign_for_missing() -> None:
    x = np.nan_to_num(gaps(), nan=-9.0)
    assert_same(KNNImputer(missing_values=-9).fit(x), x, **within(np.float64))


def test_donors_that_share_no_column() -> None:
    x = np.array([[1.0, np.nan, 5.5], [2.0, np.nan, 7.0], [np.nan, 3.0, np.nan], [np.nan, 4.5, np.nan]])
    assert_same(KNNImputer(n_neighbors=2).fit(x), x, rtol=1e-15)


def test_nothing_missing_passes_through() -> None:
    imputer = KNNImputer().fit(gaps())
    assert_same(imputer, np.arange(20).reshape(4, 5))
    assert_same(imputer, np.arange(20.0).reshape(4, 5))


def test_proved() -> None:
    """Gaps in one column: with more of them, a huge number in another makes donors equally distant (see the converter)."""
    x = pd.DataFrame(gaps(rows=80, share=0.0)[6:], columns=list("abcde"))
    x.loc[::3, "a"] = np.nan
    for weights in ("uniform", "distance"):
        assert vo.convert(KNNImputer(n_neighbors=3, weights=weights).fit(x), x).certificate.passed


def test_callable_metric_is_refused() -> None:
    imputer = KNNImputer(metric=lambda a, b, missing_values=np.nan: 0.0).fit(gaps())
    with pytest.raises(UnsupportedError, match="metric"):
        vo.convert(imputer, gaps())
