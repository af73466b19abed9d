"""One column's values to the array that the graph is fed, strictly: what does not fit is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import InputError
from ..schema import Column
from .datetimes import nanoseconds
from .numbers import booleans, floats, integers
from .refusals import check_floats, place, refuse_missing
from .text import texts

__all__ = ["check_floats", "encode", "encoder", "place", "refuse_missing"]

Encoder = Callable[[Any], np.ndarray]


def encode(column: Column, values: Any) -> np.ndarray:
    """The fed array: shape [N, 1] for a column, [N, F] for a matrix; string tensors are arrays of `str` objects.

    It may share memory with `values`: an array that already is what the graph takes is checked, not copied. Raises
    InputError for a value of another type, one that the column's dtype cannot hold, a missing value where the column is not
    nullable, an infinite one where it is finite, or another number of columns.
    """
    return encoder(column)(values)


def encoder(column: Column) -> Encoder:
    """`encode` for one column, with everything that depends on the column alone decided once."""
    convert = _converter(column)
    rank, trailing = len(column.shape), column.shape[1:]

    def encode_column(values: Any) -> np.ndarray:
        array = convert(column, values)
        if array.ndim == 1 and rank == 2:
            array = array[:, None]
        if array.shape[1:] != trailing and not _fits(trailing, array.shape[1:]):
            expected, got = _text(column.shape), _text(array.shape)
            raise InputError(expected=f"shape {expected}", got=got, where=place(column))
        return np.ascontiguousarray(array)

    return encode_column


def _converter(column: Column) -> Callable[[Column, Any], np.ndarray]:
    if column.dtype == "string":
        return texts
    if column.dtype == "datetime64":
        return nanoseconds
    return {"f": floats, "b": booleans, "i": integers, "u": integers}[dtypes.dtype(column.dtype).numpy.kind]


def _fits(expected: tuple[int | None, ...], got: tuple[int, ...]) -> bool:
    return len(expected) == len(got) and all(e is None or e == g for e, g in zip(expected, got, strict=True))


def _text(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("N" if s is None else str(s) for s in shape) + "]"
