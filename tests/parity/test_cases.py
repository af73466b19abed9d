"""Adversarial rows: which there are, that they fit their columns, and that a seed repeats them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from vajra_onnx.frames import infer
from vajra_onnx.parity.cases import Budget, cases
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.probe import probe
from vajra_onnx.parity.rows import Rows


class Anything:
    """Answers whatever it is given: 1 where the number is above 2.5."""

    def predict(self, X: Any) -> np.ndarray:
        first = X.iloc[:, 0] if hasattr(X, "iloc") else X[:, 0]
        return np.asarray(pd.to_numeric(first) > 2.5).astype(np.int64)


FRAME = pd.DataFrame(
    {
        "float": [1.0, 2.0, 4.0, np.nan],
        "single": np.array([1.5, 2.5, 3.5, 4.5], np.float32),
        "int": [1, 5, 9, 200],
        "tiny": np.array([1, 2, 3, 4], np.int8),
        "nullable": pd.Series([1, 2, None, 7], dtype="Int64"),
        "flag": [True, False, True, True],
        "text": pd.Series(["Adelie", "Gentoo", None, "Adelie"], dtype=object),
        "str": pd.Series(["a", "b", "c", "d"], dtype="str"),
        "category": pd.Categorical(["x", "y", "x", "y"]),
        "when": pd.to_datetime(["2020-01-01", "2021-06-01", "2022-01-01", "2023-01-01"]),
    }
)


def rows_of(sample: Any, budget: Budget | None = None, mode: str = "exact") -> Rows:
    original = Original(Anything(), sample, {"predict": "predict"})
    columns = probe(original, infer(sample))
    return cases(original, columns, ["predict"], seed=0, budget=budget or Budget(), mode=mode)


@pytest.fixture(scope="module")
def rows() -> Rows:
    return rows_of(FRAME, Budget(rows=6000))


def tried(rows: Rows, kind: str, name: str) -> list[Any]:
    place = [f.name for f in rows.fields].index(name)
    return list(rows.values[place][(rows.kinds == kind) & (rows.changed == place)])


def test_every_kind_is_there(rows: Rows) -> None:
    expected = {
        "sample",
        "ulp",
        "midpoint",
        "extreme",
        "infinite",
        "missing",
        "category",
        "integer",
        "bool",
        "datetime",
        "boundary",
    }
    assert set(rows.kinds) == expected


def test_every_row_fits_the_container_and_the_feeds(rows: Rows) -> None:
    original = Original(Anything(), FRAME, {"predict": "predict"})
    assert len(original.run(rows.raw())["predict"]) == len(rows)
    feeds = rows.feeds([f.column for f in rows.fields])
    assert {len(v) for v in feeds.values()} == {len(rows)}


def test_ulps_are_those_of_the_columns_dtype(rows: Rows) -> None:
    assert set(tried(rows, "ulp", "float")) >= {np.nextafter(4.0, 9), np.nextafter(4.0, 0)}
    single = tried(rows, "ulp", "single")
    assert {v.dtype for v in single} == {np.dtype(np.float32)}
    assert np.nextafter(np.float32(1.5), np.float32(9)) in single
    assert set(tried(rows, "ulp", "int")) >= {0, 2, 199, 201}


def test_midpoints_extremes_and_integers(rows: Rows) -> None:
    assert set(tried(rows, "midpoint", "float")) == {1.5, 3.0}
    assert set(tried(rows, "midpoint", "int")) == {3, 7, 104}
    extreme = np.array(tried(rows, "extreme", "float"))
    assert (np.signbit(extreme) & (extreme == 0)).any()
    assert (np.abs(extreme) > 1e290).any()
    assert ((extreme > 0) & (extreme < 1e-300)).any()
    assert set(tried(rows, "integer", "int")) >= {-1, 0, 2**53 + 1, -(2**53) - 1, 2000}
    assert set(tried(rows, "integer", "tiny")) >= {-128, 127}


def test_missing_values_are_those_that_the_container_can_hold(rows: Rows) -> None:
    text = tried(rows, "missing", "text")
    assert any(v is None for v in text)
    assert any(v is pd.NA for v in text)
    assert any(isinstance(v, float) for v in text)
    assert {type(v) for v in tried(rows, "missing", "str")} == {float}
    assert {type(v) for v in tried(rows, "missing", "category")} == {float}
    assert all(np.isnat(v) for v in tried(rows, "missing", "when"))
    assert tried(rows, "missing", "int") == []


def test_categories(rows: Rows) -> None:
    text = tried(rows, "category", "text")
    assert {"", "nan", "None", "aDELIE", "Adelie ", " Adelie", "Gentoo"} <= set(text)
    assert any(not v.isascii() for v in text)
    assert "vajra: never seen" in tried(rows, "category", "category")


def test_infinities_only_where_they_are_accepted() -> None:
    assert "infinite" in rows_of(FRAME).kinds

    class Finite(Anything):
        def predict(self, X: Any) -> np.ndarray:
            if np.isinf(X).any():
                raise ValueError("infinity")
            return super().predict(X)

    sample = np.arange(12.0).reshape(4, 3)
    original = Original(Finite(), sample, {"predict": "predict"})
    columns = probe(original, infer(sample))
    assert "infinite" not in cases(original, columns, ["predict"], seed=0, budget=Budget()).kinds


def test_fast_mode_tries_only_what_float32_can_hold() -> None:
    sample = np.arange(12.0).reshape(4, 3)
    assert largest(rows_of(sample, mode="fast")) < 1e38
    assert largest(rows_of(sample)) > 1e290


def largest(rows: Rows) -> float:
    return float(np.abs(rows.values[0][np.isfinite(rows.values[0])]).max())


def test_the_same_seed_gives_the_same_rows() -> None:
    first, second = rows_of(FRAME), rows_of(FRAME)
    assert len(first) == len(second)
    for a, b in zip(first.values, second.values, strict=True):
        pd.testing.assert_series_equal(pd.Series(a), pd.Series(b))


def test_the_budget_is_kept_with_many_columns() -> None:
    sample = np.random.default_rng(0).normal(size=(500, 300))
    rows = rows_of(sample, Budget(rows=500))
    assert len(rows) <= 600
    assert len(set(rows.changed)) > 100
