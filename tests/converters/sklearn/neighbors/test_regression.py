"""KNeighborsRegressor: weights, targets of every dtype and number."""

from __future__ import annotations

import pytest
from compare import assert_same
from samples import FORMS, regression
from sklearn.neighbors import KNeighborsRegressor

OUTPUTS = ["predict", "kneighbors"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_targets(dtype: str, weights: str, targets: int, form: str) -> None:
    x, y = regression(form, targets)
    model = KNeighborsRegressor(weights=weights).fit(x[:110], y[:110].astype(dtype))
    assert_same(model, x, outputs=OUTPUTS)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 8, 20])
def test_numbers_of_neighbours(k: int, weights: str) -> None:
    x, y = regression("float64")
    assert_same(KNeighborsRegressor(k, weights=weights).fit(x[:110], y[:110]), x, rtol=1e-13)


def test_brute_force_and_a_column_as_target() -> None:
    x, y = regression("float64")
    assert_same(KNeighborsRegressor(algorithm="brute").fit(x[:110], y[:110, None]), x, rtol=1e-12)
