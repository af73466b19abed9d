"""What it costs to turn data into the arrays that a graph is fed, beside the loop that people write by hand.

Run: python benchmarks/feeds.py [--json]. Medians, the two ways interleaved in one process; microseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from vajra_onnx.frames import infer
from vajra_onnx.runtime.feeds import Feeder
from vajra_onnx.schema import Column, Schema

Feed = Callable[[Any], dict[str, np.ndarray]]


def mixed_frame(rows: int, floats: int, ints: int, bools: int, texts: int) -> pd.DataFrame:
    """Columns of numbers, booleans and short words from a small vocabulary, nothing missing."""
    random = np.random.default_rng(0)
    words = np.array(["north", "south", "east", "west", "nowhere at all"])
    columns: dict[str, Any] = {f"float {i}": random.normal(size=rows) for i in range(floats)}
    columns |= {f"int {i}": random.integers(0, 100, rows) for i in range(ints)}
    columns |= {f"bool {i}": random.random(rows) < 0.5 for i in range(bools)}
    columns |= {f"text {i}": random.choice(words, rows).tolist() for i in range(texts)}
    return pd.DataFrame(columns)


def by_hand(schema: Schema) -> Feed:
    """The usual code: one column after the other, text through a list, checks with numpy."""

    def feed(data: Any) -> dict[str, np.ndarray]:
        frame = pd.DataFrame([data]) if isinstance(data, dict) else data
        feeds = {}
        for column in schema.inputs:
            array = frame[column.name].to_numpy()
            if column.dtype == "string":
                array = np.array([str(value) for value in array], dtype=object)
            elif array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(column.name)
            feeds[column.name] = array.reshape(-1, 1)
        return feeds

    return feed


def medians(ways: dict[str, Feed], data: Any, repeats: int, calls: int) -> dict[str, float]:
    """The median of each way, in microseconds a call, taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, feed in ways.items():
            start = time.perf_counter()
            for _ in range(calls):
                feed(data)
            times[name].append((time.perf_counter() - start) / calls * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def figures() -> list[dict[str, Any]]:
    """One record per case."""
    records = []
    narrow, wide = mixed_frame(1000, 4, 1, 0, 2), mixed_frame(1000, 12, 3, 1, 4)
    holes = wide.mask(np.random.default_rng(1).random(wide.shape) < 0.1)
    for case, frame, data, calls in [
        ("dict row, 7 columns", narrow, narrow.iloc[0].to_dict(), 200),
        ("dict row, 20 columns", wide, wide.iloc[0].to_dict(), 200),
        ("dict row, 20 columns, nullable", holes, holes.iloc[0].to_dict(), 200),
        ("DataFrame, 1,000 rows, 20 columns", wide, wide, 20),
        ("DataFrame, 1,000 rows, 20 columns, 10 % missing", holes, holes, 20),
        ("DataFrame, 1 row, 20 columns", wide, wide.iloc[:1], 50),
    ]:
        schema = Schema(infer(frame), (Column("answer", "float64", (None,)),))
        ways: dict[str, Feed] = {"vajra-onnx": Feeder(schema)}
        if "missing" not in case and "nullable" not in case:
            ways["by hand"] = by_hand(schema)
        records.append({"case": case, **medians(ways, data, 21, calls)})
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    if parser.parse_args().json:
        print(json.dumps(figures(), indent=2))
        return
    print(f"{'microseconds a call, median':50s}{'vajra-onnx':>12s}{'by hand':>12s}")
    for record in figures():
        hand = f"{record['by hand']:12.1f}" if "by hand" in record else " " * 12
        print(f"{record['case']:50s}{record['vajra-onnx']:12.1f}{hand}")


if __name__ == "__main__":
    main()
