"""Columns of datetimes: int64 nanoseconds since 1970 in UTC, NaT the smallest int64, as numpy and pandas store them."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from ..schema import Column
from .missing import is_missing
from .refusals import mistyped, mistyped_value, refuse_missing, row_of
from .series import to_numpy

NANOSECONDS = np.dtype("datetime64[ns]")
RANGE = "nanoseconds reach from 1677-09-21 to 2262-04-11"


def nanoseconds(column: Column, values: Any) -> np.ndarray:
    """datetime64 of any unit, or objects: dates, datetimes (those without a time zone are UTC), timestamps of pandas.

    Raises InputError for a time that int64 nanoseconds cannot say exactly.
    """
    array = to_numpy(values)
    if array.dtype == object:
        array = _of_objects(column, array)
    if array.dtype.kind != "M":
        raise mistyped(column, str(array.dtype))
    absent = np.isnat(array)
    if not column.nullable and absent.any():
        raise refuse_missing(column, row_of(column, absent))
    fed, changed = _convert(array)
    if changed.any():
        raise mistyped(column, f"{array[changed][0]} in row {row_of(column, changed)}", RANGE)
    return fed.view(np.int64)


def _convert(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As nanoseconds, and where they are not the same time: numpy wraps around without a word, and the way back shows it."""
    fed = array.astype(NANOSECONDS)
    return fed, (fed.astype(array.dtype) != array) & ~np.isnat(array)


def _of_objects(column: Column, array: np.ndarray) -> np.ndarray:
    """Each in its own unit: an array of them would round all to one."""
    result = np.empty(array.size, dtype=NANOSECONDS)
    for index, value in enumerate(array.ravel().tolist()):
        fed, changed = _convert(np.asarray(_instant(column, value, index)))
        if changed:
            raise mistyped_value(column, value, index, RANGE)
        result[index] = fed
    return result.reshape(array.shape)


def _instant(column: Column, value: Any, index: int) -> np.datetime64:
    if is_missing(value):
        return np.datetime64("NaT", "ns")
    if isinstance(value, np.datetime64):
        return value
    if hasattr(value, "to_datetime64"):  # pandas: to microseconds only, were it taken for a datetime
        return np.datetime64(value.to_datetime64())
    if isinstance(value, datetime.datetime):
        return np.datetime64(value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value)
    if isinstance(value, datetime.date):
        return np.datetime64(value)
    hint = "datetime.fromisoformat(text)" if isinstance(value, str) else None
    raise mistyped_value(column, value, index, hint)
