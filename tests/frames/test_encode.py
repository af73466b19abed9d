"""Strict encoding: what fits is fed unchanged, what does not is refused with expected, got, where and row."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vajra_onnx.errors import InputError
from vajra_onnx.frames import encode
from vajra_onnx.frames.missing import MARK, NA, NAN, NONE, decode_text
from vajra_onnx.schema import Column

TEXT = Column("sex", "string", nullable=True)
REAL = ["", "nan", "None", "NA", "<NA>", MARK, NAN, MARK + MARK, "a\0b", "é", "日本", "x" * 1000]


def _texts(values: object, column: Column = TEXT) -> list[str]:
    fed = encode(column, values)
    assert fed.dtype == object
    assert fed.shape[1:] == (1,)
    assert all(isinstance(text, str) for text in fed.ravel())
    return fed.ravel().tolist()


def _same(got: object, expected: object) -> bool:
    if isinstance(expected, float):
        return isinstance(got, float) and np.isnan(got)
    return got is expected or (isinstance(got, str) and got == expected)


@pytest.mark.parametrize(
    ("make", "missing"),
    [
        (lambda v: v, None),
        (lambda v: pd.Series(v, dtype=object), None),
        (lambda v: pd.Series([np.nan if x is None else x for x in v], dtype=object), float("nan")),
        (lambda v: pd.Series([pd.NA if x is None else x for x in v], dtype=object), pd.NA),
        (lambda v: pd.Series(v, dtype=pd.StringDtype(na_value=np.nan)), float("nan")),
        (lambda v: pd.Series(v, dtype=pd.StringDtype("python", na_value=np.nan)), float("nan")),
        (lambda v: pd.Series(v, dtype="string[python]"), pd.NA),
        (lambda v: pd.Series(v, dtype="string[pyarrow]"), pd.NA),
        (lambda v: pd.Series(v, dtype="string[pyarrow]").array, pd.NA),
        (lambda v: pd.Series(v, dtype=pd.ArrowDtype(pa.string())), pd.NA),
        (lambda v: pd.Series(v, dtype="category"), float("nan")),
        (lambda v: pd.Series(v, dtype="category").array, float("nan")),
        (lambda v: pl.Series(v), None),
        (lambda v: pl.Series(v, dtype=pl.Categorical), None),
        (lambda v: pl.Series(v, dtype=pl.Enum(list(dict.fromkeys(x for x in v if x is not None)))), None),
        (lambda v: pa.chunked_array([v, v[:0]], pa.string()), None),
        (lambda v: pa.array(v, pa.large_string()), None),
        (lambda v: pa.chunked_array([pa.array(v).dictionary_encode()]), None),
    ],
)
def test_every_kind_of_text_comes_through_apart_from_missing(make: object, missing: object) -> None:
    for values in (REAL, [None, *REAL, None], ["plain", None, "text"]):
        decoded = [decode_text(text) for text in _texts(make(values))]  # type: ignore[operator]
        expected = [missing if value is None else value for value in values]
        assert all(_same(g, e) for g, e in zip(decoded, expected, strict=True)), (decoded, expected)


def test_text_is_injective() -> None:
    values = [*REAL, None, float("nan"), pd.NA, NA, NONE]
    assert len(set(_texts(values))) == len({*REAL, NA, NONE}) + 3


@given(
    st.lists(st.one_of(st.text(st.characters(exclude_categories=())), st.none(), st.just(MARK + "nan"), st.just(float("nan"))))
)
@settings(max_examples=200, deadline=None)
def test_any_text_round_trips_or_is_refused(values: list[object]) -> None:
    try:
        "".join(v for v in values if isinstance(v, str)).encode()
    except UnicodeEncodeError:
        with pytest.raises(InputError, match="surrogate"):
            encode(TEXT, values)
        return
    assert all(_same(decode_text(t), v) for t, v in zip(_texts(values), values, strict=True))


def test_numpy_text_and_an_all_missing_column() -> None:
    assert _texts(np.array(["a", MARK + "b"])) == ["a", MARK + MARK + "b"]
    assert _texts(np.array(["a", "b"], dtype=np.dtypes.StringDType())) == ["a", "b"]
    assert _texts(pd.Series([np.nan, np.nan])) == [NAN, NAN]
    assert _texts(pl.Series([None, None])) == [NONE, NONE]
    assert _texts(np.array([["a"], ["b"]], dtype=object)) == ["a", "b"]


def test_feeds_never_write_into_the_users_data() -> None:
    series = pd.Series(["a", None, "b"], dtype="string[python]")
    copy = series.copy()
    encode(TEXT, series)
    pd.testing.assert_series_equal(series, copy)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("float64", [1, 2.5, True]),
        ("float64", np.array([1, 2], np.int8)),
        ("float64", np.array([1.5, 2], np.float32)),
        ("float64", pd.Series([1, 2], dtype="Int64")),
        ("float64", pl.Series([1, 2])),
        ("float64", [2**60, np.float64(1.0)]),
        ("float32", [1.5, 0.1, np.float32(0.1), 7]),
        ("float32", np.array([1, 2**24], np.int64)),
        ("float32", pd.Series([1.5, 2], dtype="Float32")),
        ("float16", [0.5, 2]),
        ("int64", np.array([1.0, -(2.0**63)])),
        ("int64", [1, np.int8(2), 3.0, np.float32(4)]),
        ("int64", pd.Series([1, 2**62], dtype="Int64")),
        ("int64", pa.array([1, 2])),
        ("uint64", [2**64 - 1, 0]),
        ("uint8", np.array([255, 0], np.int64)),
        ("int8", np.array([-128.0, 127.0])),
        ("bool", [True, np.bool_(False)]),
        ("bool", pd.Series([True, False], dtype="boolean")),
        ("bool", pl.Series([True, False])),
        ("bool", pd.Series([True, False], dtype=pd.ArrowDtype(pa.bool_()))),
    ],
)
def test_numbers_that_fit(dtype: str, values: object) -> None:
    fed = encode(Column("x", dtype), values)
    assert fed.dtype == np.dtype(dtype)
    assert fed.flags.c_contiguous
    plain = values.to_numpy() if hasattr(values, "to_numpy") else values
    if not isinstance(values, pa.Array):
        assert fed.ravel().tolist() == [np.dtype(dtype).type(v) for v in list(plain)]


@pytest.mark.parametrize(
    "values",
    [
        [1, None, float("nan"), pd.NA],
        np.array([1, None, np.nan, np.float32("nan")], dtype=object),
        pd.Series([1, None, pd.NA, None], dtype="Int64"),
        pd.Series([1, None, pd.NA, None], dtype="Float64"),
        pd.Series([True, None, pd.NA, None], dtype="boolean"),
        pd.Series([1, None, pd.NA, None], dtype=pd.ArrowDtype(pa.int16())),
        pd.Series([True, None, None, None], dtype=pd.ArrowDtype(pa.bool_())),
        pd.Series([1, None, None, None], dtype="category"),
        pl.Series([1, None, None, None]),
        pl.Series([True, None, None, None]),
        pa.chunked_array([[1, None], [None, None]]),
        pa.chunked_array([pa.array([1, None]).dictionary_encode(), pa.array([None, None], pa.int64()).dictionary_encode()]),
        pa.array([True, None, None, None]),
    ],
)
def test_missing_numbers(values: object) -> None:
    fed = encode(Column("x", "float64", nullable=True), values).ravel()
    assert fed[0] == 1
    assert np.isnan(fed[1:]).all()
    for dtype in ("float64", "float32", "int64", "bool"):
        with pytest.raises(InputError, match=r"missing value in row 1 - at \$\.columns\['x'\]"):
            encode(Column("x", dtype), _one_kind(values, dtype))


def _one_kind(values: object, dtype: str) -> object:
    """The values themselves for float64, else some of the dtype's own type."""
    if dtype == "float64":
        return values
    if dtype in ("bool", "int64"):
        return [True, None] if dtype == "bool" else pd.Series([1, None], dtype="Int64")
    return pd.Series([1, None], dtype="Float32")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (Column("x", "float64"), ["1.5"], "expected float64, got str '1.5' in row 0"),
        (Column("x", "float64"), [1.0, b"1"], "got bytes b'1' in row 1"),
        (Column("x", "float64"), np.array(["1"]), "expected float64, got <U1"),
        (Column("x", "float64"), [1j], "got complex"),
        (Column("x", "float64"), [decimal.Decimal("0.1")], "got Decimal"),
        (Column("x", "float64"), [10**400], "out of its range"),
        (Column("x", "float64"), [[1.0]], r"got list \[1.0\] in row 0"),
        (Column("x", "float64"), np.array([1.0, np.nan]), "missing value in row 1"),
        (Column("x", "float64", finite=True), [1.0, -np.inf], "expected finite numbers, got an infinity in row 1"),
        (Column("x", "float64"), np.ones((3, 2)), r"expected shape \[N, 1\], got \[3, 2\]"),
        (Column("x", "float64"), np.ones((3, 1, 1)), r"expected shape \[N, 1\], got \[3, 1, 1\]"),
        (Column("x", "float64"), np.ma.masked_array([1.0], [True]), "masked array"),
        (Column("x", "float64"), {1.0, 2.0}, "got set"),
        (Column("x", "float64"), np.array([1], "m8[s]"), "timedelta64"),
        (Column("x", "float32"), np.array([0.1]), "rounding would change the answer"),
        (Column("x", "float32"), [np.float64(0.1)], "rounding would change the answer"),
        (Column("x", "float32"), np.array([2**24 + 1]), "16777217 in row 0 .*would become 16777216.0"),
        (Column("x", "float32"), [1, 2**24 + 1], "16777217.0 in row 1"),
        (Column("x", "float32"), [1e300], "1e[+]300 in row 0 .*would become inf"),
        (Column("x", "int64"), [1, 2.5], "got float 2.5 in row 1"),
        (Column("x", "int64"), [True], "got bool True"),
        (Column("x", "int64"), [2**63], "in row 0 .*out of its range"),
        (Column("x", "int64"), np.array([2.0**63]), "9.2233.* in row 0, out of its range"),
        (Column("x", "int64"), np.array([1.0, np.inf]), "inf in row 1, out of its range"),
        (Column("x", "int64"), [float("inf")], "got float inf"),
        (Column("x", "int64"), np.array([1.0, 2.5]), "float64 2.5 in row 1"),
        (Column("x", "int64"), np.array([2**63], np.uint64), "out of its range"),
        (Column("x", "uint64"), np.array([-1]), "-1 in row 0, out of its range"),
        (Column("x", "int8"), [128], "out of its range"),
        (Column("x", "int64"), ["1"], "got str '1'"),
        (Column("x", "int64", nullable=True), [1, None], "no int64 can say missing"),
        (Column("x", "bool"), [1], "got int 1"),
        (Column("x", "bool"), np.array([1.0]), "expected bool, got float64"),
        (Column("s", "string"), ["a", None], r"missing value in row 1 - at \$.columns\['s'\]"),
        (Column("s", "string"), pd.Series(["a", None], dtype="str"), "missing value in row 1"),
        (Column("s", "string"), pd.Series(["a", None], dtype="category"), "missing value in row 1"),
        (Column("s", "string"), ["a", 1], "expected string, got int 1 in row 1"),
        (Column("s", "string", nullable=True), ["a", pd.NaT], "got NaTType"),
        (Column("s", "string"), [b"a"], "got bytes"),
        (Column("s", "string"), np.array([b"a"]), r"got \|S1"),
        (Column("s", "string"), ["ok", "\ud800"], "in row 1 .*surrogate"),
        (Column("s", "string"), pd.Series([1, 2], dtype="category"), "got int64"),
        (Column("t", "datetime64"), ["2020-01-01"], "got str '2020-01-01' in row 0 .*fromisoformat"),
        (Column("t", "datetime64"), [1], "got int 1"),
        (Column("t", "datetime64"), np.array([1]), "got int64"),
        (Column("t", "datetime64"), [dt.datetime(2020, 1, 1), None], "missing value in row 1"),
        (Column("t", "datetime64"), np.array(["2020", "NaT"], "M8[D]"), "missing value in row 1"),
        (Column("t", "datetime64"), np.array(["2020", "3000"], "M8[s]"), "3000-01-01T00:00:00 in row 1 .*1677"),
        (Column("t", "datetime64"), [dt.datetime(3000, 1, 1)], "in row 0 .*1677"),
        (Column("t", "datetime64"), np.array([1], "M8[ps]"), "in row 0"),
        (Column("X", "float64", (None, 3)), np.array([[1, 2, 3], [4, np.nan, 6]]), "missing value in row 1"),
        (Column("X", "string", (None, 2)), np.array([["a", "b"], ["c", 1]], dtype=object), "got int 1 in row 1"),
        (Column("X", "float64", (None, 2)), np.ones(2), r"expected shape \[N, 2\], got \[2, 1\]"),
    ],
)
def test_what_does_not_fit_is_refused(column: Column, values: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode(column, values)


INSTANT = np.datetime64("2020-02-29T01:02:03.123456", "ns")


@pytest.mark.parametrize(
    "values",
    [
        np.array([INSTANT, "NaT"], "M8[us]"),
        [pd.Timestamp(INSTANT), None],
        [INSTANT.astype("M8[us]").item(), pd.NaT],
        [INSTANT.astype("M8[us]").item().replace(tzinfo=dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=5))), np.nan],
        pd.Series([pd.Timestamp(INSTANT), None]),
        pd.Series([pd.Timestamp(INSTANT), None]).dt.as_unit("us"),
        pd.Series([pd.Timestamp(INSTANT, tz="UTC"), None]).dt.tz_convert("Europe/Berlin"),
        pd.Series([pd.Timestamp(INSTANT), None]).array,
        pd.Series([pd.Timestamp(INSTANT), None], dtype=pd.ArrowDtype(pa.timestamp("ns"))),
        pd.Series([pd.Timestamp(INSTANT, tz="UTC"), None], dtype=pd.ArrowDtype(pa.timestamp("us", "Asia/Kolkata"))),
        pl.Series([INSTANT.astype("M8[us]").item(), None]),
        pl.Series([INSTANT.astype("M8[us]").item(), None], dtype=pl.Datetime("ns", "Asia/Kolkata")),
        pa.array([int(INSTANT.astype(np.int64)) // 1000, None], pa.timestamp("us", "Asia/Kolkata")),
    ],
)
def test_datetimes_of_every_library(values: object) -> None:
    fed = encode(Column("t", "datetime64", nullable=True), values)
    assert fed.dtype == np.int64
    assert fed.tolist() == [[int(INSTANT.astype(np.int64))], [np.iinfo(np.int64).min]]


def test_datetimes_keep_nanoseconds_and_dates() -> None:
    stamp = pd.Timestamp(1234567890123456789)
    assert encode(Column("t", "datetime64"), [stamp]).item() == 1234567890123456789
    assert encode(Column("t", "datetime64"), [dt.date(1970, 1, 2)]).item() == 86400 * 10**9
    assert encode(Column("t", "datetime64"), pl.Series([dt.date(1970, 1, 2)])).item() == 86400 * 10**9


def test_matrices_of_any_layout() -> None:
    column = Column("X", "float64", (None, 3))
    array = np.arange(6.0).reshape(2, 3)
    for given_ in (np.asfortranarray(array), array.astype(int), array.astype(">f8"), array.astype(object), array[::-1][::-1]):
        fed = encode(column, given_)
        assert fed.dtype == np.float64
        assert fed.flags.c_contiguous
        assert (fed == array).all()
    assert encode(column, array) is array
    assert encode(column, array[:0]).shape == (0, 3)
