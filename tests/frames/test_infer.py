"""Columns from samples: dtype, missing values, categories, and refusals where a type cannot be told."""

from __future__ import annotations

import datetime as dt
import decimal
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from vajra_onnx.errors import InputError, SchemaError
from vajra_onnx.frames import encode, infer, read
from vajra_onnx.frames.missing import KINDS
from vajra_onnx.runtime.rows import row_encoder
from vajra_onnx.schema import Column

STAMP = dt.datetime(2020, 1, 2)


@pytest.mark.parametrize(
    ("values", "dtype", "nullable"),
    [
        (pd.Series([1, 2]), "int64", False),
        (pd.Series([1, 2], dtype="uint8"), "uint8", False),
        (pd.Series([1, None], dtype="Int64"), "float64", True),
        (pd.Series([1, 2], dtype="Int32"), "int32", False),
        (pd.Series([1.5, None], dtype="Float32"), "float32", True),
        (pd.Series([1.5, None], dtype="float32"), "float32", True),
        (pd.Series([True, None], dtype="boolean"), "float64", True),
        (pd.Series([True, False], dtype="boolean"), "bool", False),
        (pd.Series([True, None], dtype=object), "float64", True),
        (pd.Series(["a", None], dtype="str"), "string", True),
        (pd.Series(["a", "b"], dtype="string[python]"), "string", False),
        (pd.Series(["a", None], dtype="string[pyarrow]"), "string", True),
        (pd.Series(["a", None], dtype=pd.ArrowDtype(pa.string())), "string", True),
        (pd.Series([1, None], dtype=pd.ArrowDtype(pa.int64())), "float64", True),
        (pd.Series([STAMP, None]), "datetime64", True),
        (pd.Series([STAMP]).dt.tz_localize("Europe/Berlin"), "datetime64", False),
        (pd.Series([STAMP.date(), None], dtype=pd.ArrowDtype(pa.date32())), "datetime64", True),
        (pd.Series([1.5, 0], dtype="Sparse[float]"), "float64", False),
        (pl.Series(["a", None]), "string", True),
        (pl.Series(["a", "b"], dtype=pl.Categorical), "string", False),
        (pl.Series([1, None], dtype=pl.Int8), "float64", True),
        (pl.Series([True, None]), "float64", True),
        (pl.Series([STAMP.date()]), "datetime64", False),
        (pl.Series([STAMP, None]), "datetime64", True),
        (pa.array([1, None]), "float64", True),
        (pa.array([True, False]), "bool", False),
        (pa.array(["a", None]), "string", True),
        (pa.array([STAMP]), "datetime64", False),
        ([1, 2.5, None], "float64", True),
        ([1, 2], "int64", False),
        ([STAMP, None, STAMP.date()], "datetime64", True),
        (["a", None, float("nan")], "string", True),
        (np.array(["a", "b"]), "string", False),
        (np.array([1, 2], np.float16), "float16", False),
    ],
)
def test_dtypes(values: object, dtype: str, nullable: bool) -> None:
    (column,) = infer({"x": values})
    assert replace(column, missing=None) == Column("x", dtype, nullable=nullable)
    assert encode(column, values).shape == (len(values), 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series(["a", None], dtype=pd.StringDtype(na_value=np.nan)), "nan"),
        (pd.Series(["a", None], dtype="category"), "nan"),
        (pd.Series(["a", None], dtype="string[python]"), "NA"),
        (pl.Series(["a", None]), "None"),
        (pd.Series(["a", None], dtype=object), None),
    ],
)
def test_a_null_in_a_row_means_the_missing_value_that_the_column_can_hold(values: object, kind: str | None) -> None:
    (column,) = infer({"x": values})
    assert column.missing == kind
    sentinel = KINDS[kind or "None"]
    assert encode(column, [None]).ravel().tolist() == [sentinel]
    assert row_encoder([column])({"x": None})["x"].ravel().tolist() == [sentinel]  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "dtype", "categories"),
    [
        (pd.Series(["b", "a"], dtype=pd.CategoricalDtype(["b", "a", "c"])), "string", ("b", "a", "c")),
        (pd.Series([3, 1], dtype="category"), "int64", (1, 3)),
        (pd.Series([3, None], dtype="category"), "float64", (3.0,)),
        (pd.Series([3, None], dtype=pd.CategoricalDtype([1, 3])), "float64", (1, 3)),
        (pd.Series([True, False], dtype="category"), "bool", (False, True)),
        (pd.Series([True, None], dtype="category"), "float64", (True,)),
        (pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])), "string", ("b", "a")),
        (pa.chunked_array([pa.array(["b"]).dictionary_encode(), pa.array(["a"]).dictionary_encode()]), "string", ("b", "a")),
    ],
)
def test_categories_keep_the_order_of_their_codes(values: object, dtype: str, categories: tuple[object, ...]) -> None:
    (column,) = infer({"x": values})
    assert (column.dtype, column.categories) == (dtype, categories)
    encode(column, values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([None, None], "without any value"),
        ([1, "a"], "got int, str"),
        ([decimal.Decimal(1)], "got Decimal"),
        ([1j], "got complex"),
        (np.array([1], "m8[s]"), "timedelta64"),
        (np.array([1j]), "complex128"),
        (np.array([b"a"]), r"\|S1 .*astype"),
        (pd.Series(pd.period_range("2020", periods=2)), "got Period"),
        (pd.Series([STAMP], dtype="category"), "got datetimes"),
        (pd.Series([pd.Interval(0, 1)]), "got Interval"),
        (np.array([1], np.longdouble), "float128|longdouble"),
        ([[1], [2]], "got list"),
    ],
)
def test_what_cannot_be_told_is_refused(values: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as caught:
        infer({"x": values})
    assert "$.columns['x']" in str(caught.value)


def test_arrays() -> None:
    assert infer(np.ones((2, 3), np.float32)) == (Column("X", "float32", (None, 3)),)
    assert infer(np.array([[1, np.nan]])) == (Column("X", "float64", (None, 2), nullable=True),)
    assert infer(np.array([["a", None]], dtype=object)) == (Column("X", "string", (None, 2), nullable=True),)
    assert infer(np.array([["a", "b"]])) == (Column("X", "string", (None, 2)),)
    assert infer([[1, 2.5], [3, 4]]) == (Column("X", "float64", (None, 2)),)
    assert infer([[1, 2], (3, 4)]) == (Column("X", "int64", (None, 2)),)
    assert infer([np.ones(2, np.float32)] * 3) == (Column("X", "float32", (None, 2)),)
    assert infer(sparse.csr_matrix(np.eye(3, dtype=bool))) == (Column("X", "bool", (None, 3)),)


def test_mixed_rows_keep_their_types() -> None:
    array = read([[1, "a", None], [2, "b", 3.5]])
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [[1, "a", None], [2, "b", 3.5]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "duplicate column name 'a'"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), r"duplicate column name '1': got 1, '1'"),
        (pa.table([[1], [2]], names=["a", "a"]), "duplicate column name 'a'"),
        ({1: [1], "1": [2]}, "duplicate column name '1'"),
        ([{1: 1, "1": 2}], "duplicate column name '1'"),
        ({"a": [1, 2], "b": [1]}, "different lengths: got 'a': 2, 'b': 1"),
        ({"a": {0: 1}}, r"got dict .*to_dict\('list'\)"),
        ([{"a": 1}, {"b": 1}], r"rows differ: expected the columns \['a'\], got \['b'\] - at \$\[1\]"),
        ([{"a": 1}, 3], r"got int - at \$\[1\]"),
        ([[1, 2], [3]], r"expected 2 values, got 1 - at \$\[1\]"),
        ([1, 2], "bad array: .*one row is array"),
        ([["ab"], "cd"], r"expected a row: a list, tuple or dict, got str - at \$\[1\]"),
        (np.ones(3), r"one row is array\[None, :\]"),
        (np.ma.masked_array(np.ones((1, 1))), "masked array"),
        (pd.DataFrame({"a": [1]}).iloc[0], r"df.iloc\[\[0\]\]"),
        ([], "at least one row"),
        ("text", "got str"),
        (3, "got int"),
        (None, "got NoneType"),
        ({1, 2}, "got set"),
    ],
)
def test_unreadable_data_is_refused(data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(data)


def test_names_stay_verbatim_in_every_container() -> None:
    names = ["a b", "naïve.ü", "日本", "select *", " "]
    row = dict.fromkeys(names, 1.0)
    for data in (pd.DataFrame([row]), pl.DataFrame([row]), pa.table({n: [1.0] for n in names}), row, [row], iter([row])):
        assert [c.name for c in infer(data)] == names


def test_frames_of_other_libraries_come_through_narwhals() -> None:
    import narwhals

    for native in (pd.DataFrame({"a": ["x", None]}), pl.DataFrame({"a": ["x", None]}), pa.table({"a": ["x", None]})):
        (column,) = infer(narwhals.from_native(native))
        assert (column.name, column.dtype, column.nullable) == ("a", "string", True)
    assert infer(pa.RecordBatch.from_pydict({"a": [1]})) == (Column("a", "int64"),)
