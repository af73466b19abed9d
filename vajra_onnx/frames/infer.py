"""The input columns of a schema, from a sample: name, dtype, missing values, categories."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import SchemaError
from ..schema import Column, refuse_duplicates
from .missing import ABSENT, is_missing
from .read import read
from .series import categories, kind_of_missing, to_numpy

MATRIX = "X"


def infer(sample: Any) -> tuple[Column, ...]:
    """The columns that describe a sample (see `read` for what a sample can be).

    `nullable` says only whether the sample has missing values; what the model itself accepts is found out later, by
    asking it. Raises SchemaError for a column whose type cannot be told, for example one without any value.
    """
    data = read(sample)
    if isinstance(data, np.ndarray):
        return (_matrix_column(data),)
    refuse_duplicates(list(data), "$.columns")
    return tuple(infer_column(name, values) for name, values in data.items())


def infer_column(name: str, values: Any) -> Column:
    """The column that describes one series, array or list of values.

    A column of whole numbers or booleans in which values are missing is "float64": the dtype that pandas gives it, and the
    only one of the three that can say "missing".
    """
    array = to_numpy(values)
    known = categories(values)
    if known is not None:
        column = _category_column(name, known, array)
    elif array.dtype == object:
        column = _of_values(name, array)
    else:
        column = Column(name, _name(name, array), nullable=_any_missing(array))
    return replace(column, missing=kind_of_missing(values)) if column.dtype == "string" else column


def _matrix_column(array: np.ndarray) -> Column:
    if array.dtype == object:
        column = _of_values(MATRIX, array.ravel())
        return Column(MATRIX, column.dtype, (None, array.shape[1]), nullable=column.nullable)
    return Column(MATRIX, _name(MATRIX, array), (None, array.shape[1]), nullable=_any_missing(array))


def _category_column(name: str, known: list[Any], array: np.ndarray) -> Column:
    column = _of_values(name, np.fromiter(known, dtype=object, count=len(known)))
    if column.dtype == "datetime64" or column.nullable:
        got = "datetimes" if column.dtype == "datetime64" else "a missing value among them"
        raise SchemaError("categories", expected="text, numbers or booleans", got=got, where=_place(name))
    missing = any(is_missing(v) for v in array.tolist()) if array.dtype.kind in "fO" else False
    kind = "float64" if missing and column.dtype in ("int64", "bool") else column.dtype
    return Column(name, kind, nullable=missing, categories=tuple(_plain(c) for c in known))


def _of_values(name: str, values: np.ndarray) -> Column:
    """A column of Python objects, by what its values are."""
    listed = values.tolist()
    if set(map(type, listed)) == {str}:  # what nearly every column of objects is
        return Column(name, "string")
    there = [v for v in listed if v is not ABSENT]
    present = [v for v in there if not is_missing(v)]
    nullable = len(present) < len(there)
    if not there and listed:
        return Column(name, "string")  # only of text is anything absent
    kinds = {_kind(v) for v in present}
    if not kinds:
        raise SchemaError(
            "a column without any value", where=_place(name), hint="give a sample in which it has values, or a typed one"
        )
    if kinds == {"int64", "float64"}:
        kinds = {"float64"}
    if len(kinds) > 1 or "other" in kinds:
        types = ", ".join(sorted({type(v).__name__ for v in present}))
        raise SchemaError(expected="text, numbers, booleans or datetimes, of one kind", got=types, where=_place(name))
    kind = kinds.pop()
    if nullable and kind in ("int64", "bool"):
        kind = "float64"
    return Column(name, kind, nullable=nullable)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int64"
    if isinstance(value, float | np.floating):
        return "float64"
    if isinstance(value, np.datetime64 | datetime.date):  # a datetime is a date
        return "datetime64"
    return "other"


def _name(name: str, array: np.ndarray) -> str:
    if array.dtype.kind not in "biufMUT" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
        hint = "decode it: .astype(str)" if array.dtype.kind == "S" else None
        raise SchemaError(expected="text, numbers, booleans or datetimes", got=str(array.dtype), where=_place(name), hint=hint)
    return dtypes.of_numpy(array.dtype).name


def _any_missing(array: np.ndarray) -> bool:
    if array.dtype.kind == "M":
        return bool(np.isnat(array).any())
    if array.dtype.kind == "T":
        return any(is_missing(v) for v in array.ravel().tolist())
    return bool(np.isnan(array).any()) if array.dtype.kind == "f" else False


def _place(name: str) -> str:
    return f"$.columns[{name!r}]"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
