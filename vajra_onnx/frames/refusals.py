"""What is said to data that does not fit: expected, got, where, and the first row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InputError
from ..schema import Column


def place(column: Column) -> str:
    """How messages name a column: `$.columns['age']`."""
    return f"$.columns[{column.name!r}]"


def refuse_missing(column: Column, row: int) -> InputError:
    """The error for a missing value that the model does not take."""
    hint = "the original model refuses it too; impute it first"
    if column.nullable:  # then the dtype is one of those in which only pandas' own types can say "missing"
        hint = f"no {column.dtype} can say missing; convert with a sample in which this column has missing values"
    return InputError(
        expected=f"{column.dtype} without missing values", got=f"a missing value in row {row}", where=place(column), hint=hint
    )


def mistyped(column: Column, got: str, hint: str | None = None) -> InputError:
    """The error for values that are of another type, or outside of this one's range."""
    return InputError(expected=column.dtype, got=got, where=place(column), hint=hint)


def mistyped_value(column: Column, value: Any, index: int, hint: str | None = None) -> InputError:
    """The error for one value among Python objects. index: its place among the flattened values."""
    text = repr(value)
    short = text if len(text) <= 80 else text[:77] + "..."
    return mistyped(column, f"{type(value).__name__} {short} in row {row_at(column, index)}", hint)


def row_at(column: Column, index: int) -> int:
    """The row, counted from 0, of a place among the flattened values."""
    return index // max(math.prod(size or 1 for size in column.shape[1:]), 1)


def row_of(column: Column, mask: np.ndarray) -> int:
    """The first row in which a mask over the values is true."""
    return row_at(column, int(np.flatnonzero(mask)[0]))


def check_floats(column: Column, fed: np.ndarray) -> np.ndarray:
    """`fed`, or an InputError where it holds a NaN or an infinity that the original refuses."""
    if not column.nullable and np.isnan(fed).any():
        raise refuse_missing(column, row_of(column, np.isnan(fed)))
    if column.finite and np.isinf(fed).any():
        raise InputError(
            expected="finite numbers",
            got=f"an infinity in row {row_of(column, np.isinf(fed))}",
            where=place(column),
            hint="the original model refuses it too",
        )
    return fed
