"""Sample data from files: what `--sample`, `--data` and `predict` read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError

READERS = {
    ".csv": "read_csv",
    ".tsv": "read_table",
    ".parquet": "read_parquet",
    ".feather": "read_feather",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}


def read_data(path: str, *, dicts: bool = False) -> Any:
    """A DataFrame from CSV, TSV, Parquet, Feather or JSON (an array of rows, or lines); an array from .npy, or from .npz with one
    array; several are a dict by name, the inputs of a network.

    The dtypes of text formats are what pandas infers. dicts: the model takes rows as dicts, and those of JSON are left as they
    are: in a DataFrame a key that is absent would be a missing value. Raises InputError for a file that cannot be read.
    """
    suffix = Path(path).suffix.lower()
    try:
        if suffix == ".npy":
            return np.load(path, allow_pickle=False)
        if suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return arrays[arrays.files[0]] if len(arrays.files) == 1 else dict(arrays)
        if suffix not in READERS:
            raise InputError(
                "unknown kind of data file", expected=" | ".join([*READERS, ".npy", ".npz"]), got=repr(suffix), where=path
            )
        lines = suffix in (".jsonl", ".ndjson")
        if dicts and READERS[suffix] == "read_json":
            text = Path(path).read_text(encoding="utf-8")
            return [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
        pandas = _pandas(path)
        options = {"lines": True} if lines else {}
        return getattr(pandas, READERS[suffix])(path, **options)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot read the data: {error}", where=path) from None


def head(data: Any, rows: int) -> Any:
    """The first rows of a table, an array, or of each array in a dict."""
    return {name: values[:rows] for name, values in data.items()} if isinstance(data, dict) else data[:rows]


def features_of(model: Any, data: Any) -> Any:
    """The columns that the model was fitted on, where it says so and the data has more (the target, an index).

    Text becomes categorical where that is the only way in which LightGBM can have been given it.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        names = getattr(model, "feature_names", None)  # XGBoost's Booster
    if names is None and hasattr(model, "feature_name"):
        names = model.feature_name()  # LightGBM's
    if names is None:
        names = getattr(model, "feature_names_", None)  # CatBoost's estimators
    if not hasattr(data, "columns"):
        return data
    return _categorical(model, data if names is None or not set(names) <= set(data.columns) else data[list(names)])


def _categorical(model: Any, data: Any) -> Any:
    """Columns of text as categorical ones, where there are as many as LightGBM was trained on: most files hold no other kind."""
    known = getattr(getattr(model, "booster_", model), "pandas_categorical", None)
    text = [name for name, dtype in data.dtypes.items() if dtype.kind == "O" and dtype.name != "category"]
    return data.astype(dict.fromkeys(text, "category")) if known and len(known) == len(text) else data


def _pandas(path: str) -> Any:
    try:
        import pandas
    except ImportError:
        raise InputError("reading this file needs pandas", where=path, hint="pip install pandas") from None
    return pandas
