"""One column of any library as a numpy array: values untouched, missing ones as the library writes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError


def to_numpy(values: Any) -> np.ndarray:
    """A series, extension array, list or array as numpy.

    Numbers with nulls become floats with NaN, as pandas and scikit-learn make them; text and booleans with nulls become
    objects with None, NaN or pandas' NA; datetimes with a time zone become UTC. Raises InputError for a masked array, whose
    mask numpy itself would drop without a word, and for values that have no order.
    """
    if isinstance(values, np.ndarray):
        return _array(values)
    if isinstance(values, list | tuple | range):
        return np.fromiter(values, dtype=object, count=len(values))
    root = type(values).__module__.partition(".")[0]
    if root == "pandas":
        return _pandas(values)
    if root == "polars":
        return _polars(values)
    if root == "pyarrow":
        return _pyarrow(values)
    if isinstance(values, set | frozenset | dict):
        raise InputError(expected="a column: a series, list or array", got=type(values).__name__)
    return _array(np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values))


def categories(values: Any) -> list[Any] | None:
    """The categories of a pandas category, polars Enum or pyarrow dictionary column, in the order of their codes."""
    kind: Any = getattr(values, "dtype", None)
    if type(kind).__name__ in ("CategoricalDtype", "Enum"):
        return list(kind.categories)
    if hasattr(getattr(values, "type", None), "value_type") and hasattr(values.type, "index_type"):
        unified = values.unify_dictionaries() if hasattr(values, "unify_dictionaries") else values
        chunks = getattr(unified, "chunks", [unified])
        return chunks[0].dictionary.to_pylist() if chunks else []
    return None


def is_masked(values: Any) -> bool:
    """Whether this is a column of numbers or booleans of pandas' own, with a mask of what is missing: Int64, Float32, boolean."""
    kind: Any = getattr(values, "dtype", None)
    pandas = type(values).__module__.partition(".")[0] == "pandas"
    return pandas and not isinstance(kind, np.dtype) and getattr(kind, "numpy_dtype", None) is not None and kind.kind in "iufb"


def kind_of_missing(values: Any) -> str | None:
    """The one kind of missing value that a column of text can hold by its type ("nan", "None" or "NA"); None for objects."""
    kind: Any = getattr(values, "dtype", None)
    if type(kind).__name__ == "CategoricalDtype":
        return "nan"
    if type(kind).__name__ == "StringDtype":
        return "nan" if isinstance(kind.na_value, float) else "NA"
    return "None" if type(values).__module__.partition(".")[0] in ("polars", "pyarrow") else None


def _array(values: np.ndarray) -> np.ndarray:
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(expected="an array", got="a masked array", hint="write its missing values as NaN: array.filled(np.nan)")
    return np.asarray(values)


def _pandas(values: Any) -> np.ndarray:
    kind = values.dtype
    if isinstance(kind, np.dtype):
        return np.asarray(values)
    numbers = getattr(kind, "numpy_dtype", None)
    if kind.kind in "iufb" and numbers is not None:
        if not values.isna().any():
            return np.asarray(values.to_numpy(dtype=numbers))
        return np.asarray(values.to_numpy(dtype=numbers if kind.kind == "f" else np.float64, na_value=np.nan))
    if type(kind).__name__ == "DatetimeTZDtype":
        return np.asarray(values.to_numpy(dtype=f"datetime64[{kind.unit}]"))
    if type(kind).__name__ == "StringDtype":
        return np.asarray(values.to_numpy(dtype=object))
    return np.asarray(values)


def _polars(values: Any) -> np.ndarray:
    if str(values.dtype) == "Null":  # numpy would get NaN, which is not the same as None in a column of text
        return np.full(len(values), None, dtype=object)
    array = np.asarray(values.to_numpy())
    return array.astype(np.float64) if array.dtype.kind == "f" and values.dtype.is_integer() else array


def _pyarrow(values: Any) -> np.ndarray:
    if hasattr(values.type, "index_type"):  # to_numpy of a chunked dictionary writes its first value in place of nulls
        values = values.cast(values.type.value_type)
    return np.asarray(values.to_numpy() if hasattr(values, "chunks") else values.to_numpy(zero_copy_only=False))
