"""IterativeImputer against scikit-learn: its regressors, its limits, empty columns, rows of which nothing is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from palmerpenguins import load_penguins
from samples import tolerance
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.linear_model import BayesianRidge, LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

pytestmark = pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
PENGUINS = load_penguins()[["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]][::3].reset_index(drop=True)


def imputer(estimator: Any = None, **options: Any) -> IterativeImputer:
    """Two rounds, and a tolerance at which they count as converged."""
    estimator = LinearRegression() if estimator is None else estimator
    return IterativeImputer(estimator, **{"max_iter": 2, "tol": 1e9, "random_state": 0, **options})


def gaps(dtype: Any = np.float64, seed: int = 0) -> np.ndarray:
    """Related columns, a fifth missing; one row has nothing at all, the last column is complete."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(100, 1)) * [1.0, -2.0, 0.5, 3.0] + rng.normal(size=(100, 4))
    x[:, :3][rng.random((100, 3)) < 0.2] = np.nan
    x[5] = np.nan
    return x.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "estimator",
    [LinearRegression(), BayesianRidge(), make_pipeline(StandardScaler(), LinearRegression())],
    ids=["linear", "bayes", "pipeline"],
)
def test_linear_regressors(estimator: Any, dtype: Any) -> None:
    data = gaps(dtype)
    assert_same(imputer(estimator).fit(data), data, gaps(dtype, seed=1), **tolerance(data))


@pytest.mark.parametrize(
    "estimator", [DecisionTreeRegressor(max_depth=3), RandomForestRegressor(5, max_depth=3)], ids=["tree", "forest"]
)
def test_trees_are_bit_identical(estimator: Any) -> None:
    assert_same(imputer(estimator.set_params(random_state=0)).fit(gaps()), gaps(), gaps(seed=1))


@pytest.mark.parametrize(
    "options",
    [
        {"initial_strategy": "median"},
        {"initial_strategy": "most_frequent"},
        {"initial_strategy": "constant", "fill_value": 1.5},
        {"imputation_order": "roman"},
        {"imputation_order": "random"},
        {"skip_complete": True},
        {"n_nearest_features": 2},
        {"min_value": -0.5, "max_value": 0.75},
        {"min_value": [-1, -np.inf, -0.25, 0]},
        {"add_indicator": True},
        {"max_iter": 0},
    ],
    ids=str,
)
def test_options(options: dict[str, Any]) -> None:
    assert_same(imputer(**options).fit(gaps()), gaps(), gaps(seed=1), **tolerance(None))


@pytest.mark.parametrize("keep", [False, True])
def test_empty_columns(keep: bool) -> None:
    data = gaps()
    data[:, 1] = np.nan
    assert_same(imputer(keep_empty_features=keep).fit(data), data, gaps(seed=1), **tolerance(None))


def test_single_precision_with_limits() -> None:
    data = gaps(np.float32)
    assert_same(imputer(min_value=-0.7, max_value=0.3).fit(data), data, **tolerance(data))


def test_another_sign_for_missing_and_integers() -> None:
    data = np.nan_to_num(gaps(), nan=-9.0)
    model = imputer(missing_values=-9.0).fit(data)
    assert_same(model, data, **tolerance(None))
    assert_same(model, np.arange(40).reshape(10, 4))


def test_proved() -> None:
    assert vo.convert(imputer(BayesianRidge()).fit(PENGUINS), PENGUINS).certificate.passed


def test_random_draws_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="sample_posterior"):
        vo.convert(imputer(BayesianRidge(), sample_posterior=True).fit(gaps()), gaps())
