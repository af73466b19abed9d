"""Thresholds moved through functions that never fall: every float on either side keeps its side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vajra_onnx.graph.folding import largest_at_most

Function = Callable[[np.ndarray], np.ndarray]


def scaled(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - 2008.0290697674418) / 0.8183559)


def rounded(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return scaled(x).astype(np.float32).astype(np.float64)


def identity(x: np.ndarray) -> np.ndarray:
    return x


@pytest.mark.parametrize("function", [scaled, rounded, identity])
@settings(max_examples=200, deadline=None)
@given(threshold=st.floats(allow_nan=False))
def test_the_largest_number_at_most(function: Function, threshold: float) -> None:
    with np.errstate(over="ignore"):
        (found,) = largest_at_most(function, np.array([threshold]))
        below, above = function(np.array([found, np.nextafter(found, np.inf)]))
    assert below <= threshold or found == -np.inf
    assert above > threshold or found == np.inf


def test_many_thresholds_at_once() -> None:
    thresholds = np.array([-np.inf, -1e300, -1.0, -0.0, 0.0, 5e-324, 1e300, np.inf])
    np.testing.assert_array_equal(largest_at_most(identity, thresholds), thresholds)
