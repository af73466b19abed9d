"""RANSACRegressor: whatever estimator is inside."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import FORMS, regression, tolerance
from sklearn.linear_model import Lasso, LinearRegression, RANSACRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vajra_onnx.errors import UnsupportedError


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("estimator", [None, Lasso(), make_pipeline(StandardScaler(), LinearRegression())], ids=repr)
def test_estimators(estimator: Any, form: str) -> None:
    x, y = regression(form)
    assert_same(RANSACRegressor(estimator, min_samples=20, random_state=0).fit(x, y), x, **tolerance(x))


def test_an_unknown_estimator_is_refused_with_its_place() -> None:
    class Mine(LinearRegression):
        pass

    x, y = regression("float64")
    with pytest.raises(UnsupportedError, match="estimator_"):
        assert_same(RANSACRegressor(Mine(), random_state=0).fit(x, y), x)
