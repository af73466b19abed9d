"""Selectors pick columns; all columns, also those left out, decide the dtype of an array."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from sklearn.datasets import load_wine
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

from vajra_onnx.errors import UnsupportedError

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :6]
SELECTORS = [
    SelectKBest(k=3),
    SelectKBest(k="all"),
    SelectPercentile(percentile=40),
    SelectFpr(alpha=1e-30),
    SelectFdr(alpha=1e-20),
    SelectFwe(alpha=1e-20),
    GenericUnivariateSelect(mode="k_best", param=2),
    VarianceThreshold(0.5),
    SelectFromModel(LogisticRegression(), max_features=2, threshold=-np.inf),
    SequentialFeatureSelector(LogisticRegression(), n_features_to_select=2, cv=2),
]


@pytest.mark.parametrize("selector", SELECTORS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_selectors(selector: SelectKBest, kind: type) -> None:
    x = (5 * X).astype(kind)
    assert_same(selector.fit(x, Y), x)


@pytest.mark.parametrize("output", ["default", "pandas"])
@pytest.mark.parametrize("columns", [["f", "n"], ["f"], ["f", "flag"], ["n", "flag"]])
def test_dtype_of_a_frame(output: str, columns: list[str]) -> None:
    frame = pd.DataFrame({"f": X[:, 0].astype(np.float32), "n": (9 * X[:, 1]).astype(np.int64), "flag": X[:, 2] > 0})[columns]
    selector = SelectKBest(k=1).set_output(transform=output).fit(frame, Y)
    assert_same(selector, frame)
    model = make_pipeline(SelectKBest(k=1), StandardScaler()).set_output(transform=output).fit(frame, Y)
    assert_same(model, frame)


def test_missing_values_pass() -> None:
    x = X.copy()
    x[::5, 2] = np.nan
    assert_same(VarianceThreshold().fit(x), x)


def test_sparse_columns() -> None:
    model = make_pipeline(KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"), SelectKBest(k=5))
    assert_same(model.fit(X, Y), X)


def test_no_column_left_is_refused() -> None:
    selector = SelectFromModel(LogisticRegression(), threshold=1e9).fit(X, Y)
    with pytest.raises(UnsupportedError, match="selects no column"):
        converted(selector, X)
