"""Any data to raw columns, names verbatim: nothing is converted or checked here."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .series import to_numpy
from .unnamed import name_of, unnamed_texts

Raw = dict[str, Any]


def read(data: Any) -> Raw | np.ndarray:
    """Columns by name, each a one-dimensional array, list or series of N values; or the array itself for an array.

    Accepted: a DataFrame (pandas, polars, pyarrow, or any other that narwhals reads), a dict of columns, one dict row
    (scalar values), a list of dict rows, a list of rows, a two-dimensional array or scipy sparse matrix, whose absent entries
    are zeros; a list, Series or one-dimensional array of texts, which is one column. Names that are not text become text.
    Raises InputError for anything else, and for two columns of one name.
    """
    texts = unnamed_texts(data)
    if texts is not None:
        return {name_of(texts): texts}
    if isinstance(data, np.ndarray):
        return _matrix(to_numpy(data))
    if library(data) is not None:
        return frame_columns(data)
    if isinstance(data, Mapping):
        return _mapping(data)
    if hasattr(data, "toarray"):
        return _matrix(data.toarray())
    if hasattr(data, "index") and hasattr(data, "array"):
        raise _unreadable(data, "one row of a DataFrame is df.iloc[[0]], one column is df[['name']]")
    if isinstance(data, list | tuple):
        return _rows(data)
    other = _other_frame(data)
    if other is not None:
        return frame_columns(other)
    if isinstance(data, Iterable) and not isinstance(data, str | bytes | set | frozenset):
        return _rows(list(data))
    raise _unreadable(data)


def library(data: Any) -> str | None:
    """ "pandas", "polars" or "pyarrow" for a DataFrame or table of theirs; none of them is imported for the question."""
    for name, kinds in (("pandas", ["DataFrame"]), ("polars", ["DataFrame"]), ("pyarrow", ["Table", "RecordBatch"])):
        module = sys.modules.get(name)
        if module is not None and any(isinstance(data, getattr(module, kind, ())) for kind in kinds):
            return name
    return None


def is_frame(data: Any) -> bool:
    """Whether this is a DataFrame or table of pandas, polars or pyarrow."""
    return library(data) is not None


def frame_columns(data: Any) -> Raw:
    """The columns of a DataFrame or table as its own series."""
    kind = library(data)
    if kind == "pandas":
        return dict(zip(names_of(list(data.columns)), (values for _, values in data.items()), strict=True))
    if kind == "pyarrow":
        return dict(zip(names_of(data.schema.names), data.columns, strict=True))
    return {series.name: series for series in data.get_columns()}


def names_of(names: Sequence[Any]) -> list[str]:
    """The names as text. Raises InputError where two columns share one, 1 and "1" included."""
    texts = [str(name) for name in names]
    if len(set(texts)) < len(texts):
        twice = next(text for i, text in enumerate(texts) if text in texts[:i])
        same = ", ".join(repr(name) for name, text in zip(names, texts, strict=True) if text == twice)
        raise InputError(f"duplicate column name {twice!r}", got=same, hint="rename one of the two columns")
    return texts


def _unreadable(data: Any, hint: str | None = None) -> InputError:
    expected = "a DataFrame, a dict of columns, a list of rows or an array"
    return InputError(expected=expected, got=type(data).__name__, hint=hint)


def _other_frame(data: Any) -> Any:
    """A DataFrame of any other library, through narwhals, as pandas' or pyarrow's; None for anything else."""
    import narwhals

    frame = narwhals.from_native(data, eager_only=True, pass_through=True)
    if not isinstance(frame, narwhals.DataFrame):
        return None
    if is_frame(frame.to_native()):
        return frame.to_native()
    return frame.to_pandas() if frame.implementation.is_pandas_like() else frame.to_arrow()


def _matrix(array: np.ndarray) -> np.ndarray:
    if array.ndim != 2:
        raise InputError(
            "bad array",
            expected="two dimensions [rows, columns]",
            got=f"shape {list(array.shape)}",
            hint="one row is array[None, :]" if array.ndim == 1 else None,
        )
    return array


def _mapping(data: Mapping[Any, Any]) -> Raw:
    names = names_of(list(data))
    columns = {name: values if is_column(values) else [values] for name, values in zip(names, data.values(), strict=True)}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("columns of different lengths", got=", ".join(f"{k!r}: {v}" for k, v in lengths.items()))
    return columns


def is_column(values: Any) -> bool:
    """Whether a value of a dict is a column of values; otherwise it is one value, and the dict is a row."""
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        return False
    if isinstance(values, Mapping | set | frozenset):
        raise InputError(
            expected="a column: a series, list or array", got=type(values).__name__, hint="a DataFrame's is df.to_dict('list')"
        )
    return getattr(values, "ndim", 1) > 0


def _rows(rows: Sequence[Any]) -> Raw | np.ndarray:
    if not rows:
        raise InputError(expected="at least one row", got="an empty list")
    if isinstance(rows[0], Mapping):
        return _dict_rows(rows)
    try:
        array = np.array(rows)
    except ValueError:
        array = np.empty(0, dtype=object)
    # Mixed rows stay Python objects: numpy would write the number 1 of [1, "a"] as "1".
    return _matrix(array) if array.dtype.kind in "biuf" else _object_rows(rows)


def _object_rows(rows: Sequence[Any]) -> np.ndarray:
    for index, row in enumerate(rows):
        if isinstance(row, str | bytes | Mapping) or not hasattr(row, "__len__"):
            raise InputError(expected="a row: a list, tuple or dict", got=type(row).__name__, where=f"$[{index}]")
        if len(row) != len(rows[0]):
            raise InputError(expected=f"{len(rows[0])} values", got=str(len(row)), where=f"$[{index}]")
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    for index, row in enumerate(rows):
        array[index] = np.fromiter(row, dtype=object, count=len(row))
    return array


def _dict_rows(rows: Sequence[Any]) -> Raw:
    keys = list(rows[0])
    expected = set(keys)
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping) or row.keys() != expected:
            got = f"{list(row)}" if isinstance(row, Mapping) else type(row).__name__
            raise InputError("rows differ", expected=f"the columns {[str(k) for k in keys]}", got=got, where=f"$[{index}]")
    return {name: [row[key] for row in rows] for name, key in zip(names_of(keys), keys, strict=True)}
