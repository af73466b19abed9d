"""Floats as the integers that number them: neighbouring floats are neighbouring integers, in every float type."""

from __future__ import annotations

from typing import Any

import numpy as np

INTEGERS: dict[int, np.dtype[Any]] = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def ordinal(x: np.ndarray) -> np.ndarray:
    """int64 that grow with the floats `x` one by one; -0.0 and 0.0 are both 0. Meaningless for NaN."""
    kind = INTEGERS[x.dtype.itemsize]
    bits = np.ascontiguousarray(x).view(kind).astype(np.int64)
    return np.asarray(np.where(bits < 0, np.int64(np.iinfo(kind).min) - bits, bits))


def from_ordinal(number: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """The inverse of `ordinal`; 0 is 0.0."""
    kind = INTEGERS[dtype.itemsize]
    lowest = np.int64(np.iinfo(kind).min)
    return np.asarray(np.where(number < 0, lowest - number, number).astype(kind).view(dtype))


def step(x: np.ndarray, count: np.ndarray | int) -> np.ndarray:
    """`x` moved by so many floats up (or down); NaN and infinities stay, and nothing becomes infinite."""
    finite = np.isfinite(x)
    limit = ordinal(np.array(np.finfo(x.dtype).max, x.dtype))
    moved = np.clip(np.where(finite, ordinal(x), 0) + count, -limit, limit)
    return np.asarray(np.where(finite, from_ordinal(moved, x.dtype), x))
