"""TransformedTargetRegressor against scikit-learn: numpy's functions and every transformer that can be undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, regression, tolerance
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

FUNCTIONS = [(np.log1p, np.expm1), (np.log, np.exp), (np.sqrt, np.square), (np.negative, np.negative), (None, None)]
TRANSFORMERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    MinMaxScaler((-1, 2)),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False),
    PowerTransformer(),
    PowerTransformer("box-cox"),
    PowerTransformer(standardize=False),
    QuantileTransformer(n_quantiles=30),
    QuantileTransformer(n_quantiles=30, output_distribution="normal"),
    FunctionTransformer(np.log, np.exp),
    make_pipeline(FunctionTransformer(np.log1p, np.expm1), "passthrough", StandardScaler()),
]


def target(y: np.ndarray) -> np.ndarray:
    """Positive numbers of a moderate size."""
    return np.asarray(np.exp(y / np.abs(y).max()) + 0.5)


@pytest.mark.parametrize("functions", FUNCTIONS, ids=lambda pair: getattr(pair[0], "__name__", "identity"))
@pytest.mark.parametrize("form", FORMS)
def test_functions(functions: tuple[Any, Any], form: str) -> None:
    x, y = regression(form)
    model = TransformedTargetRegressor(LinearRegression(), func=functions[0], inverse_func=functions[1])
    assert_same(model.fit(x, target(y)), x, **tolerance(x))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
@pytest.mark.parametrize("targets", [1, 2])
def test_transformers(transformer: Any, targets: int) -> None:
    x, y = regression("float64", targets)
    model = TransformedTargetRegressor(DecisionTreeRegressor(max_depth=4), transformer=transformer).fit(x, target(y))
    exact = isinstance(transformer, StandardScaler | MinMaxScaler | MaxAbsScaler | RobustScaler)
    assert_same(model, x, **({} if exact else tolerance(x)))


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("form", ["float64", "float32"])
def test_quantiles_beyond_the_fitted_ones(distribution: str, form: str) -> None:
    x, y = regression(form)
    transformer = QuantileTransformer(n_quantiles=30, output_distribution=distribution)
    model = TransformedTargetRegressor(LinearRegression(), transformer=transformer).fit(x, target(y))
    assert_same(model, x, x * 20, **tolerance(x))
    assert_same(model, x, x * 1e-3, **tolerance(x))


@pytest.mark.parametrize("exponent", [0.0, 2.0, -0.7, 2.5])
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
def test_exponents(exponent: float, method: str) -> None:
    x, y = regression("float64")
    y = y / np.abs(y).max() / 4
    model = TransformedTargetRegressor(LinearRegression(), transformer=PowerTransformer(method, standardize=False))
    model.fit(x, target(y))
    model.transformer_.lambdas_ = np.array([exponent])
    model.regressor_.fit(x, y)
    assert_same(model, x, **tolerance(x))


def test_one_column_stays_a_column() -> None:
    x, y = regression("float64")
    model = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp).fit(x, target(y)[:, None])
    assert_same(model, x, **tolerance(x))


def test_proved() -> None:
    x, y = regression("frame")
    model = TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1).fit(x, target(y))
    assert vo.convert(model, x).certificate.passed


@pytest.mark.parametrize(
    "model",
    [
        TransformedTargetRegressor(func=np.log, inverse_func=lambda y: np.exp(y)),
        TransformedTargetRegressor(transformer=PCA()),
    ],
)
def test_refused_by_name(model: Any) -> None:
    x, y = regression("float64")
    with pytest.raises(UnsupportedError, match=r"lambda|PCA"):
        vo.convert(model.fit(x, target(y)), x)
