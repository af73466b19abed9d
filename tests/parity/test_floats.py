"""Floats and the integers that number them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vajra_onnx.parity.floats import from_ordinal, ordinal, step

DTYPES = [np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
def test_neighbours_are_one_apart(dtype: type) -> None:
    x = np.array([-np.inf, -1.5, -np.finfo(dtype).smallest_subnormal, 0.0, 1.0, 3.3, np.finfo(dtype).max], dtype)
    with np.errstate(over="ignore"):
        above = np.nextafter(x, dtype(np.inf))
    assert (ordinal(above) - ordinal(x) == 1).all()
    assert ordinal(np.array([-0.0], dtype))[0] == 0


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_the_order_is_kept_and_the_way_back_is_exact(a: float, b: float) -> None:
    x = np.array([a, b])
    numbers = ordinal(x)
    assert (numbers[0] < numbers[1]) == (a < b)
    assert (from_ordinal(numbers, x.dtype) == x).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_step_is_nextafter_and_never_infinite(dtype: type) -> None:
    largest = np.finfo(dtype).max
    x = np.array([1.0, -1.0, 0.0, largest, np.nan, np.inf], dtype)
    up = step(x, 1)
    np.testing.assert_array_equal(up[:3], np.nextafter(x[:3], dtype(np.inf)))
    assert up[3] == largest
    assert np.isnan(up[4])
    assert up[5] == np.inf
