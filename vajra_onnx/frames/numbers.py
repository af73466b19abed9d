"""Columns of numbers and booleans: nothing is rounded or cut off without a word.

The rules are numpy's (NEP 50): a Python number has no width and takes the column's, a typed one keeps its own, and a wider
float does not fit a narrower column. Whole numbers fit every float64 column, above 2**53 rounded as numpy, pandas and
scikit-learn round them; narrower floats only hold those that they can say exactly.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .. import dtypes
from ..schema import Column
from .missing import is_missing
from .refusals import check_floats, mistyped, mistyped_value, refuse_missing, row_at, row_of
from .series import to_numpy

NUMBERS = (int, float, np.integer, np.floating, np.bool_)  # a bool is an int


def floats(column: Column, values: Any) -> np.ndarray:
    """The column's floats, from floats that are not wider, whole numbers, booleans, or objects that are such."""
    array, wanted = to_numpy(values), dtypes.dtype(column.dtype).numpy
    if array.dtype == wanted:
        return check_floats(column, array)
    if array.dtype == object:
        array = _float_objects(column, array, wanted)
    if array.dtype.kind not in "iufb":
        raise mistyped(column, str(array.dtype))
    if array.dtype.kind == "f" and array.dtype.itemsize > wanted.itemsize:
        raise mistyped(column, str(array.dtype), f"rounding would change the answer; cast it: .astype('{wanted}')")
    fed = array.astype(wanted)
    if array.dtype.kind in "iu" and wanted.itemsize < 8:
        _refuse_changed(column, array, fed)
    return check_floats(column, fed)


def integers(column: Column, values: Any) -> np.ndarray:
    """The column's integers, from integers within its range, floats without fractions, or objects that are such."""
    array, wanted = to_numpy(values), dtypes.dtype(column.dtype).numpy
    if array.dtype == wanted:
        return array
    if array.dtype == object:
        return _integer_objects(column, array, wanted)
    if array.dtype.kind not in "iuf":
        raise mistyped(column, str(array.dtype))
    if array.dtype.kind == "f":
        if np.isnan(array).any():
            raise refuse_missing(column, row_of(column, np.isnan(array)))
        fraction = array != np.floor(array)
        if fraction.any():
            raise mistyped(column, f"{array.dtype} {array[fraction][0]} in row {row_of(column, fraction)}")
    low, high = _range(wanted)
    # In floats the largest integer rounds up to a number that is out of range; one more than it is a power of two.
    beyond = (array < float(low)) | (array >= float(high + 1)) if array.dtype.kind == "f" else (array < low) | (array > high)
    if beyond.any():
        raise mistyped(column, f"{array[beyond][0]} in row {row_of(column, beyond)}, out of its range")
    return array.astype(wanted)


def booleans(column: Column, values: Any) -> np.ndarray:
    """The column's booleans, from booleans or objects that are booleans."""
    array = to_numpy(values)
    if array.dtype == object:
        for index, value in enumerate(array.ravel().tolist()):
            if is_missing(value):
                raise refuse_missing(column, row_at(column, index))
            if not isinstance(value, bool | np.bool_):
                raise mistyped_value(column, value, index)
        return array.astype(np.bool_)
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise refuse_missing(column, row_of(column, np.isnan(array)))
    if array.dtype.kind != "b":
        raise mistyped(column, str(array.dtype))
    return array


def _range(wanted: np.dtype[Any]) -> tuple[int, int]:
    info = np.iinfo(str(wanted))
    return int(info.min), int(info.max)


def _float_objects(column: Column, array: np.ndarray, wanted: np.dtype[Any]) -> np.ndarray:
    values = array.ravel().tolist()
    if not {float, int, bool}.issuperset(map(type, values)):
        values = [np.nan if is_missing(value) else value for value in values]
        for index, value in enumerate(values):
            if not isinstance(value, NUMBERS):
                raise mistyped_value(column, value, index)
            if isinstance(value, np.floating) and value.dtype.itemsize > wanted.itemsize:
                hint = f"rounding would change the answer; cast it: np.{wanted}(value)"
                raise mistyped_value(column, value, index, hint)
    try:
        wide = np.array(values, dtype=np.float64)
    except OverflowError:
        index = next(i for i, value in enumerate(values) if abs(value) > sys.float_info.max)
        raise mistyped_value(column, values[index], index, "out of its range") from None
    wide = wide.reshape(array.shape)
    if wanted.itemsize == 8:
        return wide
    with np.errstate(over="ignore"):
        fed = wide.astype(wanted)
    whole = np.array([isinstance(v, int | np.integer) for v in values], dtype=bool).reshape(array.shape)
    _refuse_changed(column, np.where(whole | np.isinf(fed), wide, 0), np.where(whole | np.isinf(fed), fed, 0))
    return fed


def _refuse_changed(column: Column, array: np.ndarray, fed: np.ndarray) -> None:
    """Refuse numbers that the narrower floats of `fed` could only say by another number."""
    changed = fed.astype(np.float64) != array
    if changed.any():
        got = f"{array[changed][0]} in row {row_of(column, changed)}"
        raise mistyped(column, got, f"it would become {fed[changed][0]}; convert with a wider dtype in the sample")


def _integer_objects(column: Column, array: np.ndarray, wanted: np.dtype[Any]) -> np.ndarray:
    low, high = _range(wanted)
    values = array.ravel().tolist()
    for index, value in enumerate(values):
        if is_missing(value):
            raise refuse_missing(column, row_at(column, index))
        whole = isinstance(value, int | np.integer) or (isinstance(value, float | np.floating) and float(value).is_integer())
        if not whole or isinstance(value, bool):
            raise mistyped_value(column, value, index)
        if not low <= int(value) <= high:
            raise mistyped_value(column, value, index, "out of its range")
    return np.array([int(value) for value in values], dtype=wanted).reshape(array.shape)
