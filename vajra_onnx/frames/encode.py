"""One column's values to the array that the graph is fed, strictly: what does not fit is refused with its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..errors import InputError
from ..schema import Column
from .infer import to_numpy
from .missing import SENTINELS, encode_text, is_missing


def encode(column: Column, values: Any) -> np.ndarray:
    """The fed array: shape [N, 1] for a column, [N, F] for a matrix; string tensors are arrays of `str` objects.

    Raises InputError for a value of another type, a missing value where the column is not nullable, an infinite one where
    it is finite, or another number of columns.
    """
    array = to_numpy(values)
    if array.ndim == 1 and len(column.shape) == 2:
        array = array.reshape(-1, 1)
    if array.ndim != len(column.shape) or array.shape[1:] != column.shape[1:]:
        raise InputError(expected=f"shape {_text(column.shape)}", got=_text(array.shape), where=place(column))
    kind = dtypes.dtype(column.dtype)
    if column.dtype == "string":
        return _strings(column, array)
    if column.dtype == "datetime64":
        fed = _datetimes(column, array)
    elif kind.numpy.kind == "f":
        fed = _floats(column, array, kind.numpy)
    elif kind.numpy.kind == "b":
        fed = _booleans(column, array)
    else:
        fed = _integers(column, array, kind.numpy)
    return np.ascontiguousarray(fed)


def place(column: Column) -> str:
    """How messages name a column: `$.columns['age']`."""
    return f"$.columns[{column.name!r}]"


def refuse_missing(column: Column, row: int) -> InputError:
    """The error for a missing value that the model does not take."""
    return InputError(
        expected=f"{column.dtype} without missing values",
        got=f"a missing value in row {row}",
        where=place(column),
        hint="the original model refuses it too; impute it first",
    )


def check_floats(column: Column, fed: np.ndarray) -> np.ndarray:
    """`fed`, or an InputError where it holds a NaN or an infinity that the original refuses."""
    if not column.nullable and np.isnan(fed).any():
        raise refuse_missing(column, int(np.argwhere(np.isnan(fed))[0][0]))
    if column.finite and np.isinf(fed).any():
        row = int(np.argwhere(np.isinf(fed))[0][0])
        raise InputError(
            expected="finite numbers",
            got=f"an infinity in row {row}",
            where=place(column),
            hint="the original model refuses it too",
        )
    return fed


def _mistyped(column: Column, got: str, hint: str | None = None) -> InputError:
    return InputError(expected=column.dtype, got=got, where=place(column), hint=hint)


def _floats(column: Column, array: np.ndarray, wanted: np.dtype[Any]) -> np.ndarray:
    if array.dtype == object:
        flat = [np.nan if is_missing(v) else v for v in array.ravel()]
        for row, value in enumerate(flat):
            if isinstance(value, str | bytes) or not hasattr(value, "__float__"):
                raise _mistyped(column, f"{type(value).__name__} {value!r} in row {row}")
        array = np.array(flat, dtype=np.float64).reshape(array.shape).astype(wanted)
    elif array.dtype.kind not in "iufb":
        raise _mistyped(column, str(array.dtype))
    elif array.dtype.kind == "f" and array.dtype.itemsize > wanted.itemsize:
        raise _mistyped(column, str(array.dtype), f"rounding would change the answer; cast it: .astype('{wanted}')")
    return check_floats(column, array.astype(wanted))


def _integers(column: Column, array: np.ndarray, wanted: np.dtype[Any]) -> np.ndarray:
    if array.dtype == object:
        for row, value in enumerate(array.ravel()):
            if is_missing(value):
                raise refuse_missing(column, row)
            if isinstance(value, str | bytes | bool) or not hasattr(value, "__float__") or value != int(value):
                raise _mistyped(column, f"{type(value).__name__} {value!r} in row {row}")
        array = np.array([int(v) for v in array.ravel()], dtype=object).reshape(array.shape)
    elif array.dtype.kind == "f":
        if np.isnan(array).any():
            raise refuse_missing(column, int(np.argwhere(np.isnan(array))[0][0]))
        if (array != np.floor(array)).any():
            raise _mistyped(column, f"{array.dtype} with fractions")
    elif array.dtype.kind not in "iu":
        raise _mistyped(column, str(array.dtype))
    info = np.iinfo(wanted)
    if array.size and (array.min() < info.min or array.max() > info.max):
        raise _mistyped(column, f"{array.max()} or {array.min()}, out of its range")
    return array.astype(wanted)


def _booleans(column: Column, array: np.ndarray) -> np.ndarray:
    if array.dtype == object:
        for row, value in enumerate(array.ravel()):
            if is_missing(value):
                raise refuse_missing(column, row)
            if not isinstance(value, bool | np.bool_):
                raise _mistyped(column, f"{type(value).__name__} {value!r} in row {row}")
        return array.astype(np.bool_)
    if array.dtype.kind != "b":
        raise _mistyped(column, str(array.dtype))
    return array


def _datetimes(column: Column, array: np.ndarray) -> np.ndarray:
    if array.dtype == object:
        try:
            array = np.array(
                [np.datetime64("NaT") if is_missing(v) else np.datetime64(v) for v in array.ravel()], dtype="datetime64[ns]"
            ).reshape(array.shape)
        except (ValueError, TypeError) as error:
            raise _mistyped(column, str(error)) from None
    if array.dtype.kind != "M":
        raise _mistyped(column, str(array.dtype))
    if not column.nullable and np.isnat(array).any():
        raise refuse_missing(column, int(np.argwhere(np.isnat(array))[0][0]))
    return array.astype("datetime64[ns]").view(np.int64)


def _strings(column: Column, array: np.ndarray) -> np.ndarray:
    fed = np.empty(array.shape, dtype=object)
    flat = fed.ravel()
    for row, value in enumerate(array.ravel().tolist()):
        text = encode_text(value)
        if text is None:
            raise _mistyped(column, f"{type(value).__name__} {value!r} in row {row}")
        if text in SENTINELS and not column.nullable:
            raise refuse_missing(column, row)
        flat[row] = text
    return flat.reshape(array.shape)


def _text(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("N" if s is None else str(s) for s in shape) + "]"
