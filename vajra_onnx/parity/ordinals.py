"""The position of a row's field in the order of its type, and back: what lies between two rows, column by column."""

from __future__ import annotations

import numpy as np

from .floats import from_ordinal, ordinal
from .rows import Rows


def is_ordered(low: Rows, high: Rows, field: np.ndarray) -> np.ndarray:
    """[P]: whether the field is a finite or infinite number, not missing, at both ends."""
    good = np.zeros(len(field), bool)
    for f in np.unique(field):
        if low.fields[f].is_number:
            here = field == f
            good[here] = [_is_number(a) and _is_number(b) for a, b in zip(low.values[f][here], high.values[f][here], strict=True)]
    return good


def _is_number(value: object) -> bool:
    return value is not None and bool(value == value)


def ordinals(rows: Rows, field: np.ndarray) -> np.ndarray:
    """[N] int64: the position of each row's field in the order of its type; 0 for a field that has none."""
    result = np.zeros(len(field), np.int64)
    for f in np.unique(field):
        kind, here = rows.fields[f].kind, np.flatnonzero(field == f)
        values = rows.values[f][here]
        if kind == "float":
            result[here] = ordinal(values if values.dtype != object else values.astype(np.float64))
        elif kind == "datetime":
            result[here] = values.view(np.int64)
        elif kind == "integer":
            result[here] = [min(int(v), 2**63 - 1) if _is_number(v) else 0 for v in values]
    return result


def values_at(rows: Rows, field: np.ndarray, at: np.ndarray) -> list[object]:
    """The inverse of `ordinals`: the values of each row's field at these positions."""
    result: list[object] = [None] * len(field)
    for f in np.unique(field):
        here, dtype = np.flatnonzero(field == f), rows.values[f].dtype
        values = at[here]
        if rows.fields[f].kind == "float":
            values = from_ordinal(values, np.dtype(np.float64) if dtype.kind == "O" else dtype)
        elif rows.fields[f].kind == "datetime":
            values = values.view(dtype)
        for i, value in zip(here, values, strict=True):
            result[i] = value
    return result
