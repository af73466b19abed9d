"""Rows as Python dicts in which a key may be absent: what DictVectorizer and FeatureHasher of scikit-learn are given.

Columns have a value in every row. A number that is absent is 0 to these two; text that is absent is `missing.ABSENT`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, SchemaError
from ..schema import Column
from .missing import ABSENT, is_missing
from .read import frame_columns, is_column
from .series import to_numpy

Row = Mapping[Any, Any]


def completed(sample: Any) -> Any:
    """A list of dict rows with the keys of all of them in each, in the order in which they first come; any other data as it is.

    Raises SchemaError for a key that is not text ("1" and 1 are two features to the original, and one column here), and where
    there is no key at all.
    """
    if not _are_rows(sample):
        return sample
    present: dict[Any, Any] = {}
    for index, row in enumerate(sample):
        for key, value in row.items():
            if not isinstance(key, str):
                raise SchemaError("a key of a row", expected="text", got=repr(key), where=f"$[{index}]")
            if is_missing(present.setdefault(key, value)):
                present[key] = value
    if not present:
        raise SchemaError("rows without any key", hint="give a sample in which each key comes at least once")
    defaults = {key: _nothing(value) for key, value in present.items()}
    return [{key: row.get(key, default) for key, default in defaults.items()} for row in sample]


def absent_values(columns: Sequence[Column]) -> dict[str, Any]:
    """What stands for an absent key, by the name of each column that is `optional`."""
    kinds = {"string": ABSENT, "bool": False}
    return {column.name: kinds.get(column.dtype, 0) for column in columns if column.optional}


def conforming(data: Any, columns: Sequence[Column]) -> Any:
    """Dict rows with a value for every column of a model that takes such rows; any other data as it is.

    Raises InputError for a key that the model has no column for: it does not know what the original makes of it.
    """
    absent = absent_values(columns)
    if not absent or not _are_rows(data):
        return data
    for index, row in enumerate(data):
        unknown = [key for key in row if key not in absent]
        if unknown:
            raise InputError(expected=f"the keys {list(absent)}", got=repr(unknown[0]), where=f"$[{index}]")
    return [{**absent, **row} for row in data]


def filled(data: Any, absent: Mapping[str, Any]) -> Any:
    """Dict rows, or one, with the keys that are absent; any other data as it is."""
    if isinstance(data, Mapping):
        return data if any(is_column(value) for value in data.values()) else {**absent, **data}
    return [{**absent, **row} for row in data] if _are_rows(data) else data


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a DataFrame as dicts of Python values, without the keys that are absent."""
    columns = {name: to_numpy(values).tolist() for name, values in frame_columns(frame).items()}
    rows = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return [{name: value for name, value in row.items() if value is not ABSENT} for row in rows]


def _are_rows(data: Any) -> bool:
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(row, Mapping) for row in data)


def _nothing(value: Any) -> Any:
    """What an absent key is in a column with this value."""
    if isinstance(value, bool | np.bool_):
        return False
    return 0 if isinstance(value, int | float | np.integer | np.floating) else ABSENT
