"""The compiled way to feeds gives what `frames.encode` gives, for every container, and refuses what it refuses."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vajra_onnx.errors import InputError
from vajra_onnx.frames import encode
from vajra_onnx.frames.missing import MARK
from vajra_onnx.runtime.feeds import Feeder
from vajra_onnx.schema import Column, Schema

OUTPUT = (Column("answer", "float64", (None,)),)
COLUMNS = (
    Column("strict", "float64"),
    Column("finite", "float64", finite=True),
    Column("holes", "float64", nullable=True),
    Column("finite holes", "float64", nullable=True, finite=True),
    Column("single", "float32"),
    Column("single holes", "float32", nullable=True),
    Column("whole", "int64"),
    Column("flag", "bool"),
    Column("word", "string"),
    Column("other.word", "string", nullable=True),
)
VALUES = {
    "float": [0.0, -0.0, 1.5, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, float("inf"), -float("inf"), float("nan")],
    "int": [0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 10**400, 2**24 + 1],
    "typed": [np.float64(1.5), np.float64("inf"), np.float32(0.1), np.int64(7), np.int8(7), np.bool_(True), np.float16(1.5)],
    "missing": [None, pd.NA, pd.NaT, np.nan],
    "text": ["", "a", "nan", "None", MARK, MARK + "nan", "\ud800", "é", "a\0b", np.str_("word"), b"bytes"],
    "other": [True, False, 1j, dt.datetime(2020, 1, 1), object()],
}
ANY = st.sampled_from([v for values in VALUES.values() for v in values])
FITTING = {
    "float64": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60) | st.booleans(),
    "float32": st.floats(width=32, allow_nan=False, allow_infinity=False) | st.floats(-1e30, 1e30),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "string": st.text(),
}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    """A row in which most values fit their columns, and some are anything at all."""
    row = {c.name: draw(FITTING[c.dtype] | st.none() if c.nullable else FITTING[c.dtype]) for c in COLUMNS}
    for name in draw(st.lists(st.sampled_from([c.name for c in COLUMNS]), max_size=2)):
        row[name] = draw(ANY)
    return row


@given(rows())
@settings(max_examples=600, deadline=None)
def test_a_dict_row_is_fed_as_its_columns_are(row: dict[str, object]) -> None:
    expected = _feeds_or_message(lambda: {c.name: encode(c, [row[c.name]]) for c in COLUMNS})
    got = _feeds_or_message(lambda: Feeder(Schema(COLUMNS, OUTPUT))(row))
    if isinstance(expected, str) or isinstance(got, str):
        assert got == expected
    else:
        _assert_equal(got, expected)


def _feeds_or_message(make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray] | str:
    try:
        return make()
    except InputError as error:
        return str(error)


def _assert_equal(got: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        assert got[name].shape == array.shape
        assert got[name].flags.c_contiguous
        np.testing.assert_array_equal(got[name], array)
        if array.dtype.kind == "f":
            assert (np.signbit(got[name]) == np.signbit(array)).all()


ROWS = [
    {"strict": 1.5, "holes": None, "whole": 3, "flag": True, "word": "a", "other.word": None, "when": dt.datetime(2020, 1, 1)},
    {
        "strict": -0.0,
        "holes": 2.5,
        "whole": -(2**60),
        "flag": False,
        "word": "nan",
        "other.word": "b",
        "when": dt.datetime(1960, 1, 1),
    },
]
SCHEMA = Schema((*(c for c in COLUMNS if c.name in ROWS[0]), Column("when", "datetime64")), OUTPUT)


@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        lambda rows: pd.DataFrame(rows)[["when", "word", "strict", "flag", "holes", "whole", "other.word"]],
        lambda rows: pd.DataFrame(rows)[[c.name for c in SCHEMA.inputs]],
        lambda rows: pd.DataFrame(rows, index=["x"] * len(rows)),
        pl.DataFrame,
        pa.Table.from_pylist,
        lambda rows: {name: [row[name] for row in rows] for name in rows[0]},
        lambda rows: {name: np.array([row[name] for row in rows], dtype=object) for name in rows[0]},
        lambda rows: rows,
        tuple,
        lambda rows: iter([OrderedDict(row) for row in rows]),
        lambda rows: [[row[c.name] for c in SCHEMA.inputs] for row in rows],
        lambda rows: np.array([[row[c.name] for c in SCHEMA.inputs] for row in rows], dtype=object),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_every_container_is_fed_alike(make: object, count: int) -> None:
    feeds = Feeder(SCHEMA)(make(ROWS[:count]))  # type: ignore[operator]
    expected = {c.name: encode(c, [row[c.name] for row in ROWS[:count]]) for c in SCHEMA.inputs}
    missing = feeds.pop("other.word"), expected.pop("other.word")
    _assert_equal(feeds, expected)
    assert missing[0][0, 0].startswith(MARK)  # NaN in pandas' DataFrames, None elsewhere
    assert (missing[0][1:] == missing[1][1:]).all()


@pytest.mark.parametrize(
    "nothing", [[], (), pd.DataFrame(ROWS).iloc[:0], pl.DataFrame(ROWS)[:0], {c.name: [] for c in SCHEMA.inputs}]
)
def test_no_rows(nothing: object) -> None:
    feeds = Feeder(SCHEMA)(nothing)
    assert [a.shape for a in feeds.values()] == [(0, 1)] * len(SCHEMA.inputs)
    assert feeds["word"].dtype == object


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, r"columns differ: expected the columns \['strict', .*got missing \['strict', .* - at \$.columns"),
        ({**ROWS[0], "new": 1}, r"got unexpected \['new'\]"),
        ({("other" if k == "word" else k): v for k, v in ROWS[0].items()}, r"missing \['word'\], unexpected \['other'\]"),
        (pd.DataFrame(ROWS).drop(columns="flag"), r"missing \['flag'\]"),
        (pd.DataFrame(ROWS).rename(columns={"flag": 1}), r"missing \['flag'\], unexpected \['1'\]"),
        (np.ones((2, 3)), "expected 7 columns, got 3"),
        ({**ROWS[0], "whole": 1.5}, r"expected int64, got float 1.5 in row 0 - at \$.columns\['whole'\]"),
        ({**ROWS[0], "strict": None}, r"missing value in row 0 - at \$.columns\['strict'\]"),
        (pd.DataFrame(ROWS).assign(strict=[1.0, np.nan]), r"missing value in row 1 - at \$.columns\['strict'\]"),
    ],
)
def test_refusals(data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Feeder(SCHEMA)(data)


def test_a_matrix_model_takes_arrays_only() -> None:
    feeder = Feeder(Schema((Column("X", "float64", (None, 2)),), OUTPUT))
    assert feeder([[1, 2.5]])["X"].tolist() == [[1, 2.5]]
    assert feeder({"X": np.ones((3, 2))})["X"].shape == (3, 2)
    with pytest.raises(InputError, match=r"expected an array X of shape \[N, 2\], got columns named \['a', 'b'\]"):
        feeder(pd.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(InputError, match=r"expected shape \[N, 2\], got \[3, 4\]"):
        feeder(np.ones((3, 4)))


def test_names_that_are_not_text_are_found_by_their_text() -> None:
    feeder = Feeder(Schema((Column("1", "float64"), Column("0", "float64")), OUTPUT))
    feeds = feeder(pd.DataFrame([[10.0, 11.0]]))
    assert (feeds["0"].item(), feeds["1"].item()) == (10.0, 11.0)
    assert feeder({0: 10.0, 1: 11.0})["1"].item() == 11.0
