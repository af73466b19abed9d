"""Example rows inside the model: what a first request may look like, for `bench`, for clients and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..frames import read
from ..frames.missing import ABSENT, is_missing
from ..schema import Schema

EXAMPLE_KEY = "vajra_onnx.example"
ROWS = 3
LARGEST = 1000


def example_rows(sample: Any, schema: Schema) -> str:
    """The first rows of the sample, those without a missing value before others, as a JSON list of objects or of lists."""
    data = read(sample)
    if isinstance(data, np.ndarray):
        rows: list[Any] = [[_plain(v) for v in row] for row in data]
        return _json(sorted(rows, key=lambda row: sum(v is None for v in row))[:ROWS])
    columns = {name: list(values) for name, values in data.items()}
    count = len(next(iter(columns.values())))
    rows = [{name: _plain(values[i]) for name, values in columns.items() if values[i] is not ABSENT} for i in range(count)]
    return _json(sorted(rows, key=lambda row: sum(v is None for v in row.values()))[:ROWS])


def example_tensors(arrays: Mapping[str, np.ndarray]) -> str:
    """The first rows of named tensors as a JSON list of objects; none of rows so large that nobody would read them."""
    if sum(array[:1].size for array in arrays.values()) > LARGEST:
        return "[]"
    count = min([ROWS, *(len(array) for array in arrays.values())])
    single = {name: array.reshape(-1) if array.shape[1:] == (1,) else array for name, array in arrays.items()}
    return _json([{name: _nested(np.asarray(array[i]).tolist()) for name, array in single.items()} for i in range(count)])


def _nested(value: Any) -> Any:
    return [_nested(v) for v in value] if isinstance(value, list) else _plain(value)


def _plain(value: Any) -> Any:
    """A value as JSON has it: null where it is missing, ISO 8601 for datetimes."""
    if is_missing(value):
        return None
    if isinstance(value, np.datetime64):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _json(rows: list[Any]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
