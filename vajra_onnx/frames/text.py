"""Columns of text: every value as a `str`, missing ones as the sentinels of `missing.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..schema import Column
from .missing import ABSENT, KINDS, MARK, NA, NAN, NO_KEY, decode_text, encode_text, is_missing
from .refusals import mistyped, mistyped_value, refuse_missing, row_at, row_of
from .series import to_numpy


def texts(column: Column, values: Any) -> np.ndarray:
    """An array of `str` objects, of the shape of the values; an object array itself where it is one already.

    A float array fits only where all of it is NaN: that is what a column of text without any text is in pandas.
    """
    quick = _typed(column, values)
    if quick is not None:
        return quick
    array = to_numpy(values)
    if array.dtype.kind not in "OUT" and not (array.dtype.kind == "f" and np.isnan(array).all()):
        raise mistyped(column, str(array.dtype))
    listed = array.ravel().tolist()
    if not plain(listed):
        # A null in a row has no dtype of its own: it means the missing value that the column knows.
        only = KINDS[column.missing] if column.missing and isinstance(values, list | tuple) else None
        listed = _encoded(column, listed, only)
    elif array.dtype == object:
        return array
    return np.fromiter(listed, dtype=object, count=len(listed)).reshape(array.shape)


def plain(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether all of it is text that the graph can be fed as it is. One join is several times quicker than a loop."""
    try:
        joined = "".join(values)
    except TypeError:
        return False
    return joined.isascii() or (MARK not in joined and is_unicode(joined))


def decoded(array: np.ndarray) -> np.ndarray:
    """Text as the graph writes it, with the values that its sentinels stand for; `array` itself where it has none."""
    values = array.ravel().tolist()
    if MARK not in "".join(values):
        return array
    return np.fromiter(map(decode_text, values), dtype=object, count=len(values)).reshape(array.shape)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can say it: half of a surrogate pair has no encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(column: Column, values: Any) -> np.ndarray | None:
    """The quick way for pandas' own types, which know what is missing; None for everything else and everything unusual."""
    kind = type(getattr(values, "dtype", None)).__name__
    if kind == "StringDtype":
        array, missing = _string_array(values)
    elif kind == "CategoricalDtype":
        array, missing = _category_array(values)
    else:
        return None
    if array is not None and not column.nullable and missing.any():
        raise refuse_missing(column, row_of(column, missing))
    return array


def _string_array(values: Any) -> tuple[np.ndarray | None, np.ndarray]:
    missing = np.asarray(values.isna())
    array = _arrow_objects(values)
    if not missing.any():  # then the array may be the user's own
        whole = np.asarray(values.to_numpy(dtype=object)) if array is None else array
        return (whole if plain(whole.tolist()) else None), missing
    if array is None:
        array = np.asarray(values.to_numpy(dtype=object, na_value=""))
    else:
        array[missing] = ""
    if not plain(array.tolist()):
        return None, missing
    array[missing] = NAN if isinstance(values.dtype.na_value, float) else NA
    return array, missing


def _arrow_objects(values: Any) -> np.ndarray | None:
    """pandas' arrow-backed text as a new array of objects, None where it is missing: three times as quick as its `to_numpy`."""
    if values.dtype.storage != "pyarrow":
        return None
    chunks = getattr(values, "array", values).__arrow_array__()
    return np.asarray(chunks.to_numpy()) if hasattr(chunks, "chunks") else None


def _category_array(values: Any) -> tuple[np.ndarray | None, np.ndarray]:
    known = values.dtype.categories.tolist()
    codes = np.asarray(getattr(values, "array", values).codes)
    if not plain(known):
        return None, codes < 0
    return np.array([*known, NAN], dtype=object).take(codes), codes < 0  # the code of a missing value is -1: the last


def _encoded(column: Column, values: list[Any], only: str | None) -> list[str]:
    """Each value as the string that stands for it, every missing one as `only` where that is given. Raises InputError for what
    is no text, and for a missing value where the column is not nullable."""
    fed = list(values)
    odd = [index for index, value in enumerate(values) if type(value) is not str]
    for index in odd:
        text = encode_text(values[index])
        if text is None or (text == NO_KEY and not column.optional):
            raise mistyped_value(column, values[index], index)
        if not column.nullable and is_missing(values[index]):
            raise refuse_missing(column, row_at(column, index))
        fed[index] = ""
    if not plain(fed):
        if not is_unicode("".join(fed)):
            raise _not_unicode(column, fed)
        fed = [MARK + text if text[:1] == MARK else text for text in fed]
    for index in odd:
        fed[index] = NO_KEY if values[index] is ABSENT else only or encode_text(values[index]) or ""
    return fed


def _not_unicode(column: Column, values: list[str]) -> InputError:
    index = next(i for i, value in enumerate(values) if not is_unicode(value))
    return mistyped_value(column, values[index], index, "half of a surrogate pair has no encoding: decode the text anew")
