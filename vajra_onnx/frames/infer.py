"""The input columns of a schema, from a sample: name, dtype, missing values, categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..errors import SchemaError
from ..schema import Column, refuse_duplicates
from .missing import is_missing
from .read import read

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


def _matrix_column(array: np.ndarray) -> Column:
    kind = _of_values(MATRIX, array.ravel()).dtype if array.dtype == object else dtypes.of_numpy(array.dtype).name
    missing = bool(np.isnan(array).any()) if array.dtype.kind == "f" else False
    return Column(MATRIX, kind, (None, array.shape[1]), nullable=missing)


def infer_column(name: str, values: Any) -> Column:
    """The column that describes one series, array or list of values."""
    categories = _categories(values)
    if categories is not None:
        kind = _of_values(name, np.asarray(categories, dtype=object)).dtype
        missing = any(is_missing(v) for v in np.asarray(values, dtype=object))
        # Integer codes cannot say "missing" in the values' own dtype; pandas, too, turns them into floats then.
        kind = "float64" if missing and kind == "int64" else kind
        return Column(name, kind, nullable=missing, categories=tuple(_plain(c) for c in categories))
    array = to_numpy(values)
    if array.dtype == object:
        return _of_values(name, array)
    if array.dtype.kind in "US":
        return Column(name, "string")
    missing = bool(np.isnat(array).any()) if array.dtype.kind == "M" else bool((array != array).any())
    return Column(name, dtypes.of_numpy(array.dtype).name, nullable=missing)


def to_numpy(values: Any) -> np.ndarray:
    """One column as numpy, missing values as the library writes them; numbers with nulls become float64 with NaN."""
    if isinstance(values, np.ndarray):
        return values
    if isinstance(values, list | tuple):
        return _from_list(values)
    root = type(values).__module__.partition(".")[0]
    if root == "pandas":
        if type(values.dtype).__module__.startswith("pandas") and values.dtype.kind in "iufb" and values.isna().any():
            return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
        if values.dtype.kind in "iufb":
            return np.asarray(values.to_numpy(dtype=getattr(values.dtype, "numpy_dtype", values.dtype)))
        return np.asarray(values)
    if root == "pyarrow":
        return np.asarray(values.to_numpy(zero_copy_only=False) if "Chunked" not in type(values).__name__ else values.to_numpy())
    return np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)


def _from_list(values: list[Any] | tuple[Any, ...]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _categories(values: Any) -> list[Any] | None:
    """The categories of a pandas Categorical or polars Enum series, in the order of their codes."""
    dtype = getattr(values, "dtype", None)
    if dtype is None:
        return None
    if type(dtype).__name__ == "CategoricalDtype":
        return list(dtype.categories)
    if type(dtype).__name__ == "Enum":
        return list(dtype.categories)
    return None


def _of_values(name: str, values: np.ndarray) -> Column:
    """A column of Python objects, by what its values are."""
    present = [v for v in values if not is_missing(v)]
    nullable = len(present) < len(values)
    kinds = {_kind(v) for v in present}
    where = f"$.columns[{name!r}]"
    if not kinds:
        raise SchemaError("a column without any value", where=where, hint="give a sample in which it has values, or a typed one")
    if kinds == {"int64", "float64"}:
        kinds = {"float64"}
    if len(kinds) > 1 or "other" in kinds:
        types = ", ".join(sorted({type(v).__name__ for v in present}))
        raise SchemaError(expected="text, numbers, booleans or datetimes, of one kind", got=types, where=where)
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
    if isinstance(value, np.datetime64) or (hasattr(value, "tzinfo") and hasattr(value, "year")):
        return "datetime64"
    return "other"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
