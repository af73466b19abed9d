"""Linear regressors of every module, and the arithmetic that linear models share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, regression, tolerance
from sklearn import linear_model as lm
from sklearn.linear_model import Lasso, LinearRegression

REGRESSORS = [
    lm.LinearRegression(),
    lm.LinearRegression(fit_intercept=False),
    lm.Ridge(),
    lm.RidgeCV(),
    lm.Lasso(),
    lm.LassoCV(cv=3),
    lm.ElasticNet(),
    lm.ElasticNetCV(cv=3),
    lm.Lars(),
    lm.LarsCV(cv=3),
    lm.LassoLars(),
    lm.LassoLarsCV(cv=3),
    lm.LassoLarsIC(),
    lm.OrthogonalMatchingPursuit(),
    lm.OrthogonalMatchingPursuitCV(cv=3),
    lm.BayesianRidge(),
    lm.ARDRegression(),
    lm.HuberRegressor(max_iter=1000),
    lm.TheilSenRegressor(max_subpopulation=100, random_state=0),
    lm.QuantileRegressor(alpha=0.1),
    lm.SGDRegressor(eta0=0.001, random_state=0),
]
MULTI_TARGET = [
    lm.LinearRegression(),
    lm.Ridge(),
    lm.Lasso(),
    lm.Lars(),
    lm.OrthogonalMatchingPursuit(),
    lm.MultiTaskLasso(),
    lm.MultiTaskLassoCV(cv=3),
    lm.MultiTaskElasticNet(),
    lm.MultiTaskElasticNetCV(cv=3),
]


def _named(model: Any) -> str:
    return repr(model)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", REGRESSORS, ids=_named)
def test_regressors_predict_as_the_original(model: Any, form: str) -> None:
    x, y = regression(form)
    assert_same(model.fit(x, y), x, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MULTI_TARGET, ids=_named)
def test_many_targets_are_predicted_as_a_matrix(model: Any, form: str) -> None:
    x, y = regression(form, targets=3)
    session = assert_same(model.fit(x, y), x, **tolerance(x))
    assert session.run(x)["predict"].shape == y.shape


@pytest.mark.parametrize("form", FORMS)
def test_a_model_fitted_on_one_dtype_predicts_on_another(form: str) -> None:
    model = LinearRegression().fit(*regression("float32"))
    x, _ = regression(form)
    x = x.to_numpy(np.float64) if form == "frame" else x
    assert_same(model, x, **tolerance(x))


@pytest.mark.parametrize("form", ["int8", "uint8", "bool"])
def test_small_integers_and_booleans_promote_as_in_numpy(form: str) -> None:
    x, y = regression("float64")
    x = np.abs(x).astype(form)
    for dtype in (np.float64, np.float32):
        assert_same(Lasso(alpha=0.1).fit(x.astype(dtype), y), x, rtol=1e-6, atol=1e-5)


def test_a_column_vector_as_target_is_predicted_as_a_column() -> None:
    x, y = regression("float64")
    assert_same(LinearRegression().fit(x, y[:, None]), x, **tolerance(x))


def test_fast_mode_is_float32_throughout() -> None:
    x, y = regression("float64")
    model = LinearRegression().fit(x, y)
    session, _ = converted(model, x, mode="fast")
    answer = session.run(x)["predict"]
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, model.predict(x), rtol=1e-4, atol=1e-3)
