"""Piecewise linear interpolation is equal to the last bit, on the thresholds and around them."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from sklearn.datasets import load_diabetes
from sklearn.isotonic import IsotonicRegression

from vajra_onnx.errors import InputError

X, Y = load_diabetes(return_X_y=True)


def around(model: IsotonicRegression) -> np.ndarray:
    """The thresholds, their neighbours, and a grid that leaves the fitted range."""
    xs = model.X_thresholds_
    far = xs.dtype.type(9)
    grid = np.linspace(-0.3, 0.3, 500, dtype=xs.dtype)
    return np.concatenate([xs, np.nextafter(xs, far), np.nextafter(xs, -far), grid])[:, None]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("out_of_bounds", ["clip", "nan"])
@pytest.mark.parametrize("increasing", [True, False, "auto"])
def test_interpolation(kind: type, out_of_bounds: str, increasing: bool) -> None:
    model = IsotonicRegression(out_of_bounds=out_of_bounds, increasing=increasing).fit(X[:, 2].astype(kind), Y.astype(kind))
    assert_same(model, around(model), None, ["predict", "transform"])


def test_other_dtypes_are_cast_first() -> None:
    model = IsotonicRegression(out_of_bounds="clip").fit(X[:, 2], Y)
    assert_same(model, X[:, 2:3].astype(np.float32))
    integers = np.arange(-3, 3)[:, None]
    assert_same(IsotonicRegression(out_of_bounds="clip").fit([0, 2], [1.0, 5.0]), integers)


def test_constant() -> None:
    assert_same(IsotonicRegression(out_of_bounds="nan").fit([1.0, 1.0], [2.0, 3.0]), np.arange(4.0)[:, None])


def test_out_of_bounds_is_refused() -> None:
    model = IsotonicRegression(out_of_bounds="raise").fit(X[:, 2], Y)
    inside = X[:, 2:3]
    session = assert_same(model, inside)
    assert len(session.run(inside)["predict"]) == len(inside)
    with pytest.raises(InputError, match="out_of_bounds"):
        converted(model, inside)[0].run(inside + 1)
