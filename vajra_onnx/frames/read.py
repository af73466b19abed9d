"""Any data to raw columns, names verbatim: nothing is converted or checked here."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError

Raw = dict[str, Any]
FRAMES = ("pandas", "polars", "pyarrow", "modin", "narwhals")


def is_frame(data: Any) -> bool:
    """Whether this is a DataFrame or table of a library that narwhals reads; none of them is imported for the question."""
    root = type(data).__module__.partition(".")[0]
    return root in FRAMES and root in sys.modules and len(getattr(data, "shape", ())) == 2


def read(data: Any) -> Raw | np.ndarray:
    """Columns by name, each a one-dimensional array, list or series of N values; or the array itself for an array.

    Accepted: a DataFrame (pandas, polars, pyarrow), a dict of columns, one dict row (scalar values), a list of dict rows,
    a list of rows, a two-dimensional array or scipy sparse matrix. Raises InputError for anything else.
    """
    if isinstance(data, np.ndarray):
        return _matrix(data)
    if is_frame(data):
        return frame_columns(data)
    if isinstance(data, Mapping):
        return _mapping(data)
    if hasattr(data, "toarray"):
        return _matrix(data.toarray())
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return _rows(list(data))
    raise InputError(expected="a DataFrame, a dict of columns, a list of rows or an array", got=type(data).__name__)


def frame_columns(data: Any) -> Raw:
    """The columns of a DataFrame as its own series."""
    if type(data).__module__.partition(".")[0] == "pandas":
        duplicated = data.columns[data.columns.duplicated()]
        if len(duplicated):
            raise InputError(f"duplicate column name {duplicated[0]!r}", hint="rename one of the two columns")
        return {str(name): data[name] for name in data.columns}
    import narwhals

    frame = narwhals.from_native(data, eager_only=True)
    return {name: frame[name].to_native() for name in frame.columns}


def _matrix(array: np.ndarray) -> np.ndarray:
    if array.ndim != 2:
        raise InputError(
            "bad array",
            expected="two dimensions [rows, columns]",
            got=f"shape {list(array.shape)}",
            hint="one row is array[None, :]" if array.ndim == 1 else None,
        )
    return array


def _mapping(data: Mapping[str, Any]) -> Raw:
    columns = {str(name): values if _is_column(values) else [values] for name, values in data.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("columns of different lengths", got=", ".join(f"{k!r}: {v}" for k, v in lengths.items()))
    return columns


def _is_column(values: Any) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str | bytes) and getattr(values, "ndim", 1) > 0


def _rows(rows: list[Any]) -> Raw | np.ndarray:
    if not rows:
        raise InputError(expected="at least one row", got="an empty list")
    if isinstance(rows[0], Mapping):
        names = [str(name) for name in rows[0]]
        for index, row in enumerate(rows):
            if list(row) != names and set(map(str, row)) != set(names):
                raise InputError("rows differ", expected=f"the columns {names}", got=f"{list(row)}", where=f"$[{index}]")
        return {name: [row[name] for row in rows] for name in names}
    return _matrix(np.array(rows))
