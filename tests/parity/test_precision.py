"""float64 answers that carry the rounding of float32: told by the original alone, column by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor, StackingClassifier
from sklearn.linear_model import LogisticRegression, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import vajra_onnx as vo
from vajra_onnx.frames import infer
from vajra_onnx.graph import ops
from vajra_onnx.graph.block import Block
from vajra_onnx.graph.values import cast, constant_like
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.precision import Precision
from vajra_onnx.parity.proof import Proof
from vajra_onnx.parity.rows import Rows

Prove = Callable[..., Proof]
X, Y = load_diabetes(return_X_y=True)
X32 = X.astype(np.float32)
COEF = np.linspace(1.0, 2.0, X.shape[1])


def single(model: Any, sample: Any, method: str = "predict") -> list[bool]:
    rows = Rows.of(sample, infer(sample))
    found = Precision(Original(model, sample, {method: method}), rows).single(method)
    return [bool(each) for each in found.reshape(-1)]


def test_a_float64_intercept_does_not_hide_a_float32_product() -> None:
    model = SGDRegressor(max_iter=20, tol=None, random_state=0).fit(X32, Y)
    assert model.predict(X32).dtype == np.float64
    assert single(model, X32) == [True]
    assert single(model, X) == [False]


def test_dataframes_are_widened_where_they_are_float32() -> None:
    frame = pd.DataFrame(X32, columns=list("abcdefghij"))
    assert single(SGDRegressor(max_iter=20, tol=None, random_state=0).fit(frame, Y), frame) == [True]
    polars = pl.DataFrame({name: frame[name].to_numpy() for name in frame.columns})
    assert single(Sum(COEF.astype(np.float32)), polars) == [True]
    assert single(Sum(COEF), polars) == [False]
    mixed = frame.astype({"a": np.float64})
    assert single(SGDRegressor(max_iter=20, tol=None, random_state=0).fit(mixed, Y), mixed) == [False]


@pytest.mark.parametrize("kind", [RandomForestRegressor, GradientBoostingRegressor])
def test_a_jump_is_no_rounding(kind: type) -> None:
    """A float32 scaler sends some rows to another leaf than a float64 one; leaves and their sums are float64."""
    assert single(make_pipeline(StandardScaler(), kind(n_estimators=10, random_state=0)).fit(X32, Y), X32) == [False]


def test_columns_are_judged_one_by_one() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x = StandardScaler().fit_transform(x[:, :5]).astype(np.float32)
    parts = [("linear", LogisticRegression()), ("tree", DecisionTreeClassifier(max_depth=3, random_state=0))]
    assert single(StackingClassifier(parts).fit(x, y), x, "transform") == [True, False]


class Sum(BaseEstimator):
    """A weighted sum in the wider type of the data and of the weights, answered in float64."""

    def __init__(self, coef: Any = None) -> None:
        self.coef = coef

    def predict(self, x: Any) -> np.ndarray:
        return np.asarray((np.asarray(x) * self.coef).sum(axis=1), np.float64)


@vo.converts(Sum)
def weighted_sum(model: Sum, block: Block) -> Any:
    """In the original's own type."""
    x = block.matrix(np.result_type(block.dtype, model.coef.dtype))
    return {"predict": cast(ops.matmul(x, constant_like(x, model.coef)), np.float64)}


def test_a_graph_that_rounds_where_the_original_does_not_fails(proof_of: Prove) -> None:
    assert proof_of(Sum(COEF), X32).certificate.passed
    assert not proof_of(Sum(COEF), X32, planted=Sum(COEF.astype(np.float32))).certificate.passed


def test_a_graph_that_rounds_as_the_original_does_is_held_to_8_ulp(proof_of: Prove) -> None:
    narrow = Sum(COEF.astype(np.float32))
    certificate = proof_of(narrow, X32).certificate
    assert certificate.passed
    assert certificate.outputs[0].tolerance == "8 ulp of float32"
    assert 0 < certificate.outputs[0].max_ulp <= 8
    assert not proof_of(narrow, X32, planted=Sum(narrow.coef * np.float32(1 + 2e-6))).certificate.passed
