"""Generalised linear models: both link functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, regression, tolerance
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor

MODELS = [
    PoissonRegressor(),
    PoissonRegressor(fit_intercept=False),
    GammaRegressor(),
    TweedieRegressor(power=1.5),
    TweedieRegressor(power=0),
    TweedieRegressor(power=0, link="log"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_glm(model: Any, form: str) -> None:
    x, y = regression(form)
    assert_same(model.fit(x, np.exp(y / 200)), x, **tolerance(x))
