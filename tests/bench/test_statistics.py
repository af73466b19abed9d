"""Percentiles, rows and interleaving."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vajra_onnx.bench.local import interleave
from vajra_onnx.bench.rows import batch, dict_row, example
from vajra_onnx.bench.statistics import Latency
from vajra_onnx.errors import InputError
from vajra_onnx.schema import Column, Schema

SCHEMA = Schema((Column("a", "float64"), Column("b", "string")), (Column("predict", "int64", (None,)),))


def test_percentiles_are_microseconds() -> None:
    latency = Latency.of(np.arange(1, 102) * 1e-6)
    assert (latency.calls, latency.p50, latency.p90, latency.p99) == pytest.approx((101, 51, 91, 100))


def test_rows_repeat_to_the_batch_size() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    assert batch(frame, 5, SCHEMA)["a"].tolist() == [1, 2, 1, 2, 1]
    assert batch([{"a": 1.0, "b": "x"}], 3, SCHEMA) == [{"a": 1.0, "b": "x"}] * 3
    assert dict_row(frame) == {"a": 1.0, "b": "x"}


def test_no_example_rows_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="no example rows"):
        example({})


def test_both_sides_are_called_in_turn() -> None:
    calls: list[str] = []
    first, second = interleave(lambda: calls.append("a"), lambda: calls.append("b"))
    assert len(first) > 0
    assert len(second) > 0
    assert "ab" in "".join(calls)
    assert "ba" in "".join(calls)
