"""OneHotEncoder and OrdinalEncoder against scikit-learn: every option, every kind of category, unknown ones included."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_equal, assert_same, converted, original
from hypothesis import given, settings
from hypothesis import strategies as st
from palmerpenguins import load_penguins
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from vajra_onnx.converters.registry import transform
from vajra_onnx.errors import InputError, UnsupportedError
from vajra_onnx.frames import infer
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import building

HARD = ["nan", "None", "", " ", "NaN", "<NA>", "\ufdd0nan", "\ufdd0", "é", "e\u0301", "日本", "İ", "a", "A", "ß", "🐧"]
PENGUINS = load_penguins()
TEXT = PENGUINS[["species", "island", "sex"]]


def objects(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype=object)


def assert_row_by_row(model: Any, sample: Any, data: Any) -> None:
    """Each row is answered as the original answers it, and refused where the original refuses it."""
    session, _ = converted(model, sample)
    for i in range(len(data)):
        row = data.iloc[i : i + 1] if hasattr(data, "iloc") else data[i : i + 1]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                expected = original(model, row, "transform")
            except ValueError:
                with pytest.raises(InputError, match="unknown category in column"):
                    session.run(row)
                continue
        assert_equal(session.run(row)["transform"], expected, f"row {i}: {row!r}")


ONE_HOT: list[dict[str, Any]] = [
    {},
    {"sparse_output": False},
    {"dtype": np.float32},
    {"dtype": np.int64},
    {"dtype": np.uint8},
    {"dtype": bool},
    {"drop": "first"},
    {"drop": "if_binary"},
    {"drop": ["Chinstrap", "Dream", np.nan]},
    {"handle_unknown": "ignore"},
    {"handle_unknown": "ignore", "drop": "first"},
    {"handle_unknown": "ignore", "min_frequency": 100},
    {"handle_unknown": "warn"},
    {"handle_unknown": "warn", "max_categories": 2},
    {"handle_unknown": "infrequent_if_exist"},
    {"handle_unknown": "infrequent_if_exist", "min_frequency": 0.3},
    {"handle_unknown": "infrequent_if_exist", "min_frequency": 0.3, "drop": "first"},
    {"handle_unknown": "infrequent_if_exist", "max_categories": 2, "drop": "if_binary"},
    {"handle_unknown": "infrequent_if_exist", "max_categories": 1},
    {"max_categories": 2},
    {"min_frequency": 60, "max_categories": 3},
]

ORDINAL: list[dict[str, Any]] = [
    {},
    {"dtype": np.float32},
    {"dtype": np.int64, "encoded_missing_value": -7},
    {"dtype": np.int16, "encoded_missing_value": 99},
    {"encoded_missing_value": -1.5},
    {"handle_unknown": "use_encoded_value", "unknown_value": -1},
    {"handle_unknown": "use_encoded_value", "unknown_value": np.nan},
    {"handle_unknown": "use_encoded_value", "unknown_value": 77, "encoded_missing_value": 88, "dtype": np.int32},
    {"handle_unknown": "use_encoded_value", "unknown_value": -2, "max_categories": 2},
    {"min_frequency": 100},
    {"max_categories": 2, "encoded_missing_value": -1},
    {"max_categories": 1},
]

UNKNOWN = pd.DataFrame(
    {
        "species": ["Adelie", "Emperor", "Gentoo", "", "adelie", "Adelie"],
        "island": ["Dream", "Dream", "Skye", "nan", "Dream", "Biscoe"],
        "sex": objects(["male", "male", "female", np.nan, "female", "nan"]),
    }
)


@pytest.mark.parametrize("options", ONE_HOT, ids=str)
def test_one_hot_on_penguins(options: dict[str, Any]) -> None:
    model = OneHotEncoder(**options).fit(TEXT)
    assert_same(model, TEXT)
    assert_row_by_row(model, TEXT, UNKNOWN)


@pytest.mark.parametrize("options", ORDINAL, ids=str)
def test_ordinal_on_penguins(options: dict[str, Any]) -> None:
    model = OrdinalEncoder(**options).fit(TEXT)
    assert_same(model, TEXT)
    assert_row_by_row(model, TEXT, UNKNOWN)


@pytest.mark.parametrize("kind", [OneHotEncoder, OrdinalEncoder])
def test_none_nan_and_their_names_stay_apart(kind: type) -> None:
    data = pd.DataFrame({"a": objects([*HARD, None, np.nan]), "b": objects([*HARD[::-1], np.nan, "x"])})
    assert_same(kind().fit(data), data)
    only_nan = pd.DataFrame({"a": objects(["x", np.nan, "None"]), "b": objects(["x", "y", np.nan])})
    assert_row_by_row(kind().fit(only_nan), data, data)


@pytest.mark.parametrize("kind", [OneHotEncoder, OrdinalEncoder])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float32, np.float64, bool])
@pytest.mark.parametrize("frame", [True, False])
def test_numbers(kind: type, dtype: Any, frame: bool) -> None:
    data: Any = np.random.default_rng(0).integers(0, 5, (60, 3)).astype(dtype)
    if dtype == np.uint64:
        data = data + np.uint64(2**63 - 2)
    if np.dtype(dtype).kind == "f":
        data[::7, 1] = np.nan
        data[1::7, 2] = -0.0
        data[2::7, 2] = 0.1
    data = pd.DataFrame(data, columns=["a", "b", "c"]) if frame else data
    assert_same(kind().fit(data), data)
    first = data["a"].to_numpy() if frame else data[:, 0]
    known = data[first != first.max()]
    assert_row_by_row(kind().fit(known), data, data[:20])


@pytest.mark.parametrize("fitted", [np.int64, np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("given", [np.int64, np.float64, np.float32, np.int16])
def test_numbers_compare_by_value(fitted: Any, given: Any) -> None:
    values = np.array([[0.1], [1.0], [2.5], [3.0], [7.0]])
    model = OneHotEncoder(handle_unknown="ignore").fit(values.astype(fitted))
    assert_same(model, values.astype(given))


def test_categorical_columns() -> None:
    data = pd.DataFrame(
        {
            "text": pd.Categorical(["b", "a", None, "c"], categories=["c", "b", "a", "unused"]),
            "number": pd.Categorical([10, 20, 10, 30]),
            "holes": pd.Categorical([1.5, None, 2.5, 1.5]),
        }
    )
    assert_same(OneHotEncoder().fit(data), data)
    assert_same(OrdinalEncoder().fit(data), data)


def test_datetime_columns() -> None:
    data = pd.DataFrame({"when": pd.to_datetime(["2020-01-01", "2021-06-01", "2020-01-01", "2022-01-01"])})
    assert_same(OneHotEncoder().fit(data), data)
    assert_row_by_row(OrdinalEncoder().fit(data[:2]), data, data)


def test_given_categories_in_their_own_order() -> None:
    data = pd.DataFrame({"size": ["small", "large", "medium"], "n": [3, 1, 2]})
    categories = [["small", "medium", "large", "huge"], [1, 2, 3, 9]]
    assert_same(OrdinalEncoder(categories=categories).fit(data), data)
    assert_same(OneHotEncoder(categories=categories, handle_unknown="ignore").fit(data), data)
    with_none = pd.DataFrame({"a": objects(["x", None, "y"])})
    assert_same(OrdinalEncoder(categories=[["y", None, "x"]]).fit(with_none), with_none)


@pytest.mark.parametrize("options", [{}, {"handle_unknown": "ignore"}, {"handle_unknown": "ignore", "dtype": np.int32}], ids=str)
def test_many_categories(options: dict[str, Any]) -> None:
    data = pd.DataFrame({"a": [f"v{i}" for i in range(700)], "b": [f"w{i % 300}" for i in range(700)], "c": ["x", "y"] * 350})
    model = OneHotEncoder(**options).fit(data)
    assert_same(model, data)
    assert_row_by_row(model, data, data[:3].assign(a=["v1", "w1", "v699"], c=["x", "x", "z"]))


def test_fast_mode_is_float32() -> None:
    session, _ = converted(OneHotEncoder().fit(TEXT), TEXT, mode="fast")
    answer = session.run(TEXT)["transform"]
    assert answer.dtype == np.float32
    assert (answer == OneHotEncoder(sparse_output=False).fit_transform(TEXT)).all()


@pytest.mark.parametrize("opset", [17, 20, 21])
def test_older_targets(opset: int) -> None:
    data = TEXT.assign(year=PENGUINS["year"])
    assert_same(OneHotEncoder().fit(data), data, target_opset=opset)
    assert_same(OrdinalEncoder().fit(data), data, target_opset=opset)
    floats = data.assign(year=data["year"] / 2)
    if opset < 20:
        with pytest.raises(UnsupportedError, match="floats"):
            converted(OneHotEncoder().fit(floats), floats, target_opset=opset)


@pytest.mark.parametrize("sparse", [True, False])
def test_the_block_knows_whether_the_original_is_sparse(sparse: bool) -> None:
    with building():
        _, block = block_of(infer(TEXT), frame=True)
        assert transform(OneHotEncoder(sparse_output=sparse).fit(TEXT), block).sparse is sparse


text = st.one_of(st.text(max_size=4), st.sampled_from([*HARD, None, np.nan]))


@settings(max_examples=60, deadline=None)
@given(fitted=st.lists(text, min_size=1, max_size=12), given_=st.lists(text, min_size=1, max_size=12), ignore=st.booleans())
def test_any_text(fitted: list[Any], given_: list[Any], ignore: bool) -> None:
    data = pd.DataFrame({"a": objects([v.replace("\0", "0") if isinstance(v, str) else v for v in fitted])})
    other = pd.DataFrame({"a": objects([v.replace("\0", "0") if isinstance(v, str) else v for v in given_])})
    sample = pd.DataFrame({"a": objects(["x", None])})
    if ignore:
        session, _ = converted(OneHotEncoder(handle_unknown="ignore").fit(data), sample)
        expected = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(data).transform(other)
        assert_equal(session.run(other)["transform"], expected, "transform")
    else:
        assert_row_by_row(OrdinalEncoder(encoded_missing_value=-1).fit(data), sample, other)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(width=64), min_size=1, max_size=12), other=st.lists(st.floats(width=64), max_size=6))
def test_any_float(values: list[float], other: list[float]) -> None:
    finite = np.array([v for v in values if not np.isinf(v)] or [0.0])[:, None]
    given_ = np.array([*finite.ravel(), *(v for v in other if not np.isinf(v))])[:, None]
    sample = np.array([[0.5], [np.nan]])
    assert_row_by_row(OneHotEncoder().fit(finite), sample, given_)


def refused(model: Any, sample: Any, match: str) -> None:
    with pytest.raises(UnsupportedError, match=match):
        converted(model, sample)


def test_what_is_refused_by_name() -> None:
    missing = pd.DataFrame({"a": objects([1, 2, None])})
    refused(OneHotEncoder().fit(missing), missing, "Python objects")
    refused(OneHotEncoder().fit(pd.DataFrame({"a": ["x", "y"]})), pd.DataFrame({"a": [1, 2]}), "column of numbers")
    refused(OneHotEncoder().fit(pd.DataFrame({"a": [1, 2]})), pd.DataFrame({"a": ["x", "y"]}), "column of text")
    big = pd.DataFrame({"a": [2**53 + 1, 5]})
    refused(OneHotEncoder().fit(big), big.astype(float), r"2\*\*53")
    dates = pd.DataFrame({"a": pd.to_datetime(["2020-01-01", None])})
    refused(OneHotEncoder().fit(dates), dates, "NaT")
    refused(OneHotEncoder(dtype=object, sparse_output=False).fit(TEXT), TEXT, "dtype")
    refused(OrdinalEncoder().fit(TEXT), TEXT[["sex"]], "3 columns")


def test_the_message_names_the_column() -> None:
    session, _ = converted(OneHotEncoder().fit(TEXT), TEXT)
    with pytest.raises(InputError, match=r"unknown category in column 'island' \(OneHotEncoder handle_unknown='error'\)"):
        session.run(TEXT[:1].assign(island="Skye"))
    session, _ = converted(OrdinalEncoder().fit(TEXT.to_numpy()), TEXT.to_numpy())
    with pytest.raises(InputError, match="unknown category in column 1"):
        session.run(np.array([["Adelie", "Skye", "male"]], dtype=object))
