"""The rows that a benchmark sends: the model's own example, or the user's data, repeated to the batch size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..frames import read
from ..schema import Schema

EXAMPLE_KEY = "vajra_onnx.example"


def example(metadata: Mapping[str, str]) -> Any:
    """The example rows that the converter stored in the model. Raises InputError when there are none."""
    if EXAMPLE_KEY not in metadata:
        raise InputError("the model carries no example rows", hint="give some with --data")
    return json.loads(metadata[EXAMPLE_KEY])


def batch(data: Any, size: int, schema: Schema) -> Any:
    """`size` rows in the container of `data`, repeated where there are fewer."""
    if isinstance(data, list):
        data = [data[i % len(data)] for i in range(size)]
        return np.array(data, dtype=schema.inputs[0].dtype) if schema.is_matrix else data
    rows = np.arange(size) % len(data)
    return data.iloc[rows].reset_index(drop=True) if hasattr(data, "iloc") else data[rows]


def dict_row(rows: Any) -> dict[str, Any]:
    """The first row as a dict of plain values: what a service gets."""
    if isinstance(rows, list) and rows and isinstance(rows[0], Mapping):
        return dict(rows[0])
    columns = read(rows)
    if isinstance(columns, np.ndarray):
        raise InputError("this model takes an array, not named columns")
    first = {name: values[0] if isinstance(values, list) else next(iter(values[:1])) for name, values in columns.items()}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in first.items()}
