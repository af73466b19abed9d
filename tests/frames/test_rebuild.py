"""Round trip: what `read` takes apart, `rebuild` puts together again, values and dtypes equal."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from vajra_onnx.frames import encode, infer, read, rebuild
from vajra_onnx.frames.series import to_numpy

INSTANTS = pd.DatetimeIndex(np.array(["2020-02-29T01:02:03.123456", "NaT", "1969-12-31T23:59:59"], dtype="M8[us]"))

PANDAS = {
    "object text": pd.Series(["a", None, np.nan], dtype=object),
    "object NA": pd.Series(["a", pd.NA, "nan"], dtype=object),
    "object numbers": pd.Series([1, 2.5, None], dtype=object),
    "str": pd.Series(["a", np.nan, ""], dtype="str"),
    "string python": pd.Series(["a", pd.NA, "None"], dtype="string[python]"),
    "string pyarrow": pd.Series(["a", pd.NA, "\ufdd0nan"], dtype="string[pyarrow]"),
    "category text": pd.Series(["b", None, "a"], dtype=pd.CategoricalDtype(["b", "a", "c"])),
    "category ordered": pd.Series(["b", "c", "a"], dtype=pd.CategoricalDtype(["b", "a", "c"], ordered=True)),
    "category ints": pd.Series([3, 1, None], dtype="category"),
    "category bools": pd.Series([True, False, None], dtype="category"),
    "Int64": pd.Series([1, None, -3], dtype="Int64"),
    "Int8": pd.Series([1, 2, -3], dtype="Int8"),
    "Float32": pd.Series([1.5, None, 0.1], dtype="Float32"),
    "Float64": pd.Series([1.5, None, 0.1], dtype="Float64"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "float32": pd.Series([0.1, np.nan, -0.0], dtype="float32"),
    "int16": pd.Series([1, 2, 3], dtype="int16"),
    "uint64": pd.Series([1, 2, 2**64 - 1], dtype="uint64"),
    "bool": pd.Series([True, False, True]),
    "datetime s": pd.Series(INSTANTS).dt.as_unit("s"),
    "datetime ns": pd.Series(INSTANTS).dt.as_unit("ns"),
    "datetime tz": pd.Series(INSTANTS.tz_localize("Europe/Berlin")),
    "datetime tz ms": pd.Series(INSTANTS.tz_localize("Asia/Kolkata")).dt.as_unit("ms"),
    "arrow string": pd.Series(["a", None, ""], dtype=pd.ArrowDtype(pa.string())),
    "arrow int": pd.Series([1, None, 3], dtype=pd.ArrowDtype(pa.int32())),
    "arrow float": pd.Series([1.5, None, 3], dtype=pd.ArrowDtype(pa.float32())),
    "arrow bool": pd.Series([True, None, False], dtype=pd.ArrowDtype(pa.bool_())),
    "arrow timestamp": pd.Series([1, None, 3], dtype=pd.ArrowDtype(pa.timestamp("us"))),
    "sparse": pd.Series([1.5, 0.0, 0.0], dtype="Sparse[float]"),
}
POLARS = {
    "String": pl.Series(["a", None, "nan"]),
    "Categorical": pl.Series(["a", None, "b"], dtype=pl.Categorical),
    "Enum": pl.Series(["b", None, "a"], dtype=pl.Enum(["b", "a"])),
    "Int64": pl.Series([1, None, 3]),
    "Float32": pl.Series([1.5, None, 3], dtype=pl.Float32),
    "Boolean": pl.Series([True, None, False]),
    "Date": pl.Series([dt.date(2020, 1, 1), None, dt.date(1960, 1, 1)]),
    "Datetime": pl.Series([dt.datetime(2020, 1, 1), None, dt.datetime(1960, 1, 1)]),
    "Datetime tz": pl.Series([dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None]).dt.convert_time_zone("Europe/Berlin"),
}


@pytest.mark.parametrize("name", PANDAS)
def test_pandas_series_come_back_as_they_were(name: str) -> None:
    frame = pd.DataFrame({"a b": PANDAS[name]}, index=range(5, 8))
    pd.testing.assert_frame_equal(rebuild(frame, read(frame)), frame.reset_index(drop=True), check_exact=True)


@pytest.mark.parametrize("name", [name for name in PANDAS if name not in ("object NA", "object numbers")])
def test_pandas_columns_come_back_from_plain_arrays(name: str) -> None:
    frame = pd.DataFrame({"x": PANDAS[name]})
    back = rebuild(frame, {"x": to_numpy(frame["x"])})
    pd.testing.assert_frame_equal(back, frame, check_exact=True)


@pytest.mark.parametrize("name", POLARS)
@pytest.mark.parametrize("plain", [False, True])
def test_polars_columns_come_back(name: str, plain: bool) -> None:
    frame = pl.DataFrame({"x": POLARS[name]})
    columns = read(frame)
    back = rebuild(frame, {"x": to_numpy(columns["x"])} if plain else columns)
    assert back.schema == frame.schema
    expected = frame.with_columns(pl.col("x").fill_null(float("nan"))) if plain and name == "Float32" else frame
    assert back.equals(expected)


def test_polars_refuses_what_a_dtype_cannot_hold() -> None:
    frame = pl.DataFrame({"x": POLARS["Enum"]})
    with pytest.raises(ValueError, match="enum"):
        rebuild(frame, {"x": np.array(["c", "a"], dtype=object)})


def test_a_new_category_joins_the_known_ones() -> None:
    frame = pd.DataFrame({"x": PANDAS["category text"]})
    back = rebuild(frame, {"x": np.array(["new", np.nan, "a"], dtype=object)})
    assert list(back["x"].cat.categories) == ["b", "a", "c", "new"]
    assert back["x"].tolist()[0] == "new"
    assert back["x"].isna().tolist() == [False, True, False]


def test_names_of_any_kind_stay() -> None:
    frame = pd.DataFrame([[1.0, "a", 2]], columns=[7, ("x", 1), "naïve ü.b"])
    assert list(read(frame)) == ["7", "('x', 1)", "naïve ü.b"]
    pd.testing.assert_frame_equal(rebuild(frame, read(frame)), frame)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_matrix])
def test_sparse_matrices_come_back_sparse(kind: type) -> None:
    matrix = kind(np.array([[0, 1.5], [2, 0]], dtype=np.float32))
    back = rebuild(matrix, read(matrix))
    assert type(back) is kind
    assert back.dtype == np.float32
    assert (back.toarray() == matrix.toarray()).all()


def test_arrays_come_back_as_arrays() -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(3, 2))
    assert rebuild(array, read(array)) is read(array)


TABLE = pa.table(
    {
        "text": pa.array(["a", None, "nan"]),
        "large": pa.array(["a", None, "b"], pa.large_string()),
        "kinds": pa.array(["u", None, "v"]).dictionary_encode(),
        "codes": pa.array([5, 7, 5]).dictionary_encode(),
        "int": pa.array([1, 2, 3], pa.int16()),
        "holes": pa.array([1, None, 3]),
        "flag": pa.array([True, None, False]),
        "when": pa.array([1, None, 3], pa.timestamp("us", "Europe/Berlin")),
        "day": pa.array([1, None, 3], pa.date32()),
    }
)


def _assert_original_sees_what_is_fed(sample: object) -> None:
    columns = infer(sample)
    frame = rebuild(sample, read(sample))
    raw = read(sample)
    assert list(frame.columns) == [c.name for c in columns]
    for column in columns:
        fed, again = encode(column, raw[column.name]), encode(column, frame[column.name])
        assert fed.dtype == again.dtype
        np.testing.assert_array_equal(fed, again)


def test_pyarrow_becomes_pandas_with_none_kept() -> None:
    frame = rebuild(TABLE, read(TABLE))
    assert frame["text"].tolist() == ["a", None, "nan"]
    assert frame["kinds"].dtype == pd.CategoricalDtype(["u", "v"])
    assert frame["int"].dtype == np.int16
    _assert_original_sees_what_is_fed(TABLE.drop_columns(["kinds"]))


def test_columns_and_rows_become_pandas_with_none_kept() -> None:
    columns = {
        "t": ["a", None, "nan"],
        "x": [1, None, 2.5],
        "n": [1, 2, 3],
        "w": [dt.datetime(2020, 1, 1), None, dt.date(2020, 1, 2)],
    }
    _assert_original_sees_what_is_fed(columns)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    _assert_original_sees_what_is_fed(rows)
    assert rebuild(rows, read(rows))["t"].tolist() == ["a", None, "nan"]
