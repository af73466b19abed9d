"""Sizes that nobody knows while a call is traced: how many rows a batch has, how long a sequence is.

`keras.ops.shape` gives them to a layer's `call` as numbers that no model has, large primes; the file has these numbers where a
shape depends on the batch. What is made of them in any other way does not stay hidden: the graph differs from the model then.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import UnsupportedError

BATCH = 10007
OTHERS = (997, 991, 983)  # of the second, third and fourth axis
UNKNOWN = (BATCH, *OTHERS)


def sizes(shape: Sequence[int | None]) -> list[int | None]:
    """A shape of the file: None for a size that is not known, -1 for one that follows from the others."""
    return [None if s is None or s in UNKNOWN else -1 if any(s > 0 and s % p == 0 for p in UNKNOWN) else s for s in shape]


def collapsed(array: np.ndarray) -> np.ndarray:
    """A constant that has a row for every row of the batch, which are all the same, as one row. Raises UnsupportedError where
    they are not, and for a number that is the size of the batch."""
    if array.dtype.kind in "iuf" and array.size < BATCH and (array == BATCH).any():
        raise UnsupportedError("the size of the batch as a number", hint="rows have nothing to do with each other in a graph")
    if array.ndim == 0 or array.shape[0] != BATCH:
        return array
    if not np.array_equal(array, np.broadcast_to(array[:1], array.shape), equal_nan=array.dtype.kind == "f"):
        raise UnsupportedError("a constant with another value for every row of a batch")
    return array[:1]
