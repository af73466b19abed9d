"""Texts one after another, without a table around them: what a vectorizer of scikit-learn is fitted on."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .missing import is_missing

NAME = "text"


def unnamed_texts(data: Any) -> Any:
    """The texts themselves where data is a list, tuple, Series (pandas, polars) or one-dimensional array of them; else None.

    The first value that is not missing decides; whoever encodes the values refuses others among them by their place.
    """
    if isinstance(data, np.ndarray):
        if data.ndim != 1 or data.dtype.kind not in "OUT":
            return None
    elif not isinstance(data, list | tuple) and not is_series(data):
        return None
    empty = len(data) == 0 and not isinstance(data, list | tuple) and str(data.dtype) in ("object", "str", "string", "String")
    first = next((value for value in data if not is_missing(value)), None)
    return data if empty or isinstance(first, str) else None


def is_series(data: Any) -> bool:
    """Whether this is a Series of pandas or polars; neither is imported for the question."""
    modules = (sys.modules.get(name) for name in ("pandas", "polars"))
    return any(isinstance(data, module.Series) for module in modules if module is not None)


def name_of(texts: Any) -> str:
    """The name that their column gets: that of the Series, or "text"."""
    name = getattr(texts, "name", None)
    return str(name) if is_series(texts) and name not in (None, "") else NAME


def unframed(sample: Any, column: Any) -> Any:
    """The texts of a pandas Series in a container like the sample, which `unnamed_texts` recognised.

    Raises ValueError for an array of strings, not objects, that is to hold a missing value.
    """
    if isinstance(sample, list | tuple):
        return type(sample)(column.tolist())
    if isinstance(sample, np.ndarray):
        if sample.dtype.kind != "O" and column.isna().any():
            raise ValueError(f"{sample.dtype} holds no missing values")
        return column.to_numpy(dtype=object).astype(np.str_ if sample.dtype.kind == "U" else sample.dtype)
    if type(sample).__module__.partition(".")[0] == "polars":
        return type(sample)(sample.name, column.tolist())
    return column.rename(sample.name)
