"""The arrays of a request against the model's schema: what the client's own checks may not have seen is refused here.

Numbers must come in the very dtype of the column, since rounding or widening is the client's decision. Strings come in the
encoding of `frames/missing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .. import dtypes
from ..errors import InputError
from ..frames.missing import MARK, SENTINELS
from ..frames.refusals import check_floats, place, refuse_missing, row_at, row_of
from ..frames.text import plain
from ..schema import Column, Schema

_NAT = np.iinfo(np.int64).min


def feeds_of(schema: Schema, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the session is fed. A column may come as [N] or [N, 1], and columns in any order.

    Raises InputError for missing or unexpected names, another dtype or shape, unequal numbers of rows, and for missing
    or infinite values that the original refuses.
    """
    names = [column.name for column in schema.inputs]
    if arrays.keys() != set(names):
        missing, extra = [n for n in names if n not in arrays], [n for n in arrays if n not in names]
        found = [f"missing {missing}"] * bool(missing) + [f"unexpected {extra}"] * bool(extra)
        raise InputError("inputs differ", expected=f"{len(names)} inputs", got=", ".join(found), where="$.inputs")
    fed = {column.name: _column(column, arrays[column.name]) for column in schema.inputs}
    rows = {name: len(array) for name, array in fed.items()}
    if len(set(rows.values())) > 1:
        first = names[0]
        other = next(name for name in names if rows[name] != rows[first])
        got = f"{rows[other]} in {other!r}"
        raise InputError("unequal numbers of rows", expected=f"{rows[first]} as in {first!r}", got=got, where="$.inputs")
    return fed


def _column(column: Column, array: np.ndarray) -> np.ndarray:
    row = dtypes.dtype(column.dtype)
    if array.dtype != row.numpy:
        raise InputError(expected=row.wire, got=dtypes.of_numpy(array.dtype).wire, where=place(column))
    if array.ndim == 1 and column.shape[1:] == (1,):
        array = array.reshape(-1, 1)
    fixed = zip(array.shape[1:], column.shape[1:], strict=False)
    if array.ndim != len(column.shape) or any(want is not None and got != want for got, want in fixed):
        raise InputError(expected=f"shape {_shape(column.shape)}", got=str(list(array.shape)), where=place(column))
    if row.numpy.kind == "f":
        return check_floats(column, array)
    if row.name == "string":
        _check_texts(column, array)
    elif column.dtype == "datetime64" and not column.nullable and (array == _NAT).any():
        raise refuse_missing(column, row_of(column, array == _NAT))
    return array


def _check_texts(column: Column, array: np.ndarray) -> None:
    texts = array.ravel().tolist()
    marked = () if plain(texts) else ((i, text) for i, text in enumerate(texts) if text.startswith(MARK))
    for index, text in marked:
        row = row_at(column, index)
        if text in SENTINELS:
            if not column.nullable:
                raise refuse_missing(column, row)
        elif not text.startswith(MARK + MARK):
            expected = "text, with a second U+FDD0 before one that it starts with"
            raise InputError(expected=expected, got=f"{text!a} in row {row}", where=place(column))


def _shape(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("N" if size is None else str(size) for size in shape) + "]"
