"""SplineTransformer: bit by bit, within the knots and beyond them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError

MODES = ["constant", "linear", "continue", "periodic", "error"]


def head(x: Any, rows: slice) -> Any:
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
@pytest.mark.parametrize("mode", MODES)
def test_modes_and_degrees(mode: str, degree: int, form: str) -> None:
    x, _ = classification(form)
    inner = head(x, slice(20, 120))
    for parameters in ({"knots": "quantile", "include_bias": False}, {"sparse_output": True}):
        model = SplineTransformer(n_knots=6, degree=degree, extrapolation=mode, **parameters).fit(inner)  # type: ignore[arg-type]
        assert_same(model, inner, inner if mode == "error" else x)


@pytest.mark.parametrize("mode", MODES)
def test_steps(mode: str) -> None:
    x, _ = classification("float64")
    model = SplineTransformer(degree=0, extrapolation=mode).fit(x)  # type: ignore[arg-type]
    assert_same(model, x)


@pytest.mark.parametrize("mode", MODES)
def test_knots_themselves_and_their_neighbours(mode: str) -> None:
    x, _ = classification("float64", rows=60)
    for degree in (1, 3):
        model = SplineTransformer(degree=degree, extrapolation=mode).fit(x)  # type: ignore[arg-type]
        knots = np.stack([spline.t[degree:-degree] for spline in model.bsplines_], axis=1)
        near = np.concatenate([knots, np.nextafter(knots, np.inf)[:-1], np.nextafter(knots, -np.inf)[1:]])
        assert_same(model, x, near)


@pytest.mark.parametrize("mode", MODES)
def test_columns_without_variance_and_repeated_quantiles(mode: str) -> None:
    rng = np.random.default_rng(0)
    x = np.c_[np.full(50, 2.0), rng.integers(0, 2, 50), rng.normal(size=50)]
    for knots in ("uniform", "quantile"):
        model = SplineTransformer(knots=knots, extrapolation=mode).fit(x)  # type: ignore[arg-type]
        assert_same(model, x)


def test_knots_of_ones_own_and_periods() -> None:
    hours = np.linspace(-50, 70, 97)[:, None]
    knots = np.array([[0.0], [6.0], [9.0], [18.0], [24.0]])
    assert_same(SplineTransformer(knots=knots, extrapolation="periodic").fit(hours), hours)


def test_as_many_periodic_splines_as_the_degree() -> None:
    x = np.linspace(-3, 5, 40)[:, None]
    assert_same(SplineTransformer(n_knots=4, degree=3, extrapolation="periodic").fit(x[10:30]), x)


@pytest.mark.parametrize("mode", MODES)
def test_missing_values_become_zeros(mode: str) -> None:
    x, _ = classification("float64", rows=60)
    x[::7, 1] = x[3, 4] = np.nan
    model = SplineTransformer(extrapolation=mode, handle_missing="zeros").fit(x)  # type: ignore[arg-type, call-arg]
    assert_same(model, x)


def test_overflow() -> None:
    x, _ = classification("float64", rows=40)
    far = np.concatenate([x * 1e200, x * 1e120, x * 1e80])
    with np.errstate(all="ignore"):
        assert_same(SplineTransformer(extrapolation="continue").fit(x), x, far)


def test_refusals() -> None:
    x, _ = classification("float64", rows=60)
    session, _ = converted(SplineTransformer(extrapolation="error").fit(x), x)
    with pytest.raises(InputError, match="knots"):
        session.run(x * 3)
    session, _ = converted(SplineTransformer(degree=0).fit(x), x)
    with pytest.raises(InputError, match="knot"):
        session.run(x * 3)
    batchwise = SplineTransformer(extrapolation="continue", handle_missing="zeros", sparse_output=True).fit(x)
    with pytest.raises(UnsupportedError, match="sparse_output"):
        converted(batchwise, x)


@pytest.mark.parametrize("mode", MODES)
def test_proof(mode: str) -> None:
    x, _ = classification("float64", rows=50)
    model = make_pipeline(StandardScaler(), SplineTransformer(extrapolation=mode))  # type: ignore[arg-type]
    assert vo.convert(model.fit(x), x).certificate.passed
