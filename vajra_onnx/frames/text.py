"""Columns of text: every value as a `str`, missing ones as the sentinels of `missing.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..schema import Column
from .missing import MARK, encode_text, is_missing
from .refusals import mistyped, mistyped_value, refuse_missing, row_at


def texts(column: Column, array: np.ndarray) -> np.ndarray:
    """An array of `str` objects of the same shape; `array` itself where it is one already.

    A float array fits only where all of it is NaN: that is what a column of text without any text is in pandas.
    """
    if array.dtype.kind not in "OUT" and not (array.dtype.kind == "f" and np.isnan(array).all()):
        raise mistyped(column, str(array.dtype))
    values = array.ravel().tolist()
    if not plain(values):
        values = encoded(column, values)
    elif array.dtype == object:
        return array
    return np.fromiter(values, dtype=object, count=len(values)).reshape(array.shape)


def plain(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether all of it is text that the graph can be fed as it is. One join is several times quicker than a loop."""
    try:
        joined = "".join(values)
    except TypeError:
        return False
    return joined.isascii() or (MARK not in joined and _is_unicode(joined))


def encoded(column: Column, values: list[Any] | tuple[Any, ...]) -> list[str]:
    """Each value as the string that stands for it. Raises InputError for what is no text, and for a missing value where
    the column is not nullable."""
    result = [value if type(value) is str and value[:1] != MARK else encode_text(value) for value in values]
    if None in result:
        index = result.index(None)
        raise mistyped_value(column, values[index], index)
    fed = [text for text in result if text is not None]
    if not column.nullable:
        for index, value in enumerate(values):
            if is_missing(value):
                raise refuse_missing(column, row_at(column, index))
    if not _is_unicode("".join(fed)):
        raise _not_unicode(column, fed)
    return fed


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_unicode(column: Column, values: list[str]) -> InputError:
    index = next(i for i, value in enumerate(values) if not _is_unicode(value))
    return mistyped_value(column, values[index], index, "half of a surrogate pair has no encoding: decode the text anew")
