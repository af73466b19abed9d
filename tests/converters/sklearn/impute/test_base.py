"""SimpleImputer and MissingIndicator against scikit-learn: text and numbers, every strategy, every sign of missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_equal, assert_same, converted, original
from hypothesis import given, settings
from hypothesis import strategies as st
from palmerpenguins import load_penguins
from scipy import sparse
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from vajra_onnx.converters.registry import transform
from vajra_onnx.errors import InputError, UnsupportedError
from vajra_onnx.frames import infer
from vajra_onnx.frames.missing import encode_text
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import building

pytestmark = pytest.mark.filterwarnings("ignore:Skipping features without any observed values")

PENGUINS = load_penguins()
NUMBERS = PENGUINS[["bill_length_mm", "flipper_length_mm", "body_mass_g", "year"]]
TEXT = PENGUINS[["species", "sex"]]
STRATEGIES: list[dict[str, Any]] = [
    {},
    {"strategy": "median"},
    {"strategy": "most_frequent"},
    {"strategy": "constant"},
    {"strategy": "constant", "fill_value": -3.25},
    {"strategy": np.ptp},
]


def objects(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype=object)


def assert_same_text(model: Any, sample: pd.DataFrame, data: pd.DataFrame | None = None) -> None:
    """Like `assert_same`, for answers that hold missing text; a row that the original refuses must be refused."""
    data = sample if data is None else data
    session, _ = converted(model, sample)
    for batch in (data[i : i + 1] for i in range(len(data))):
        try:
            expected = np.asarray(model.transform(batch), dtype=object)
        except (ValueError, TypeError):
            with pytest.raises(InputError, match="missing value"):
                session.run(batch)
            continue
        answer = session.run(batch)["transform"]
        assert answer.shape == expected.shape
        # Compared as text in the graph, where None, NaN and their names differ.
        assert [encode_text(v) for v in answer.ravel().tolist()] == [encode_text(v) for v in expected.ravel().tolist()], batch


@pytest.mark.parametrize("options", STRATEGIES, ids=lambda o: str(o).split(" at ")[0])
@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers(options: dict[str, Any], indicator: bool, dtype: Any) -> None:
    data = NUMBERS.astype(dtype)
    model = SimpleImputer(add_indicator=indicator, **options)
    assert_same(model.fit(data), data)
    assert_same(model.fit(data.to_numpy()), data.to_numpy())


@pytest.mark.parametrize("options", STRATEGIES[:-1], ids=str)
@pytest.mark.parametrize("keep", [False, True])
def test_a_column_that_was_empty(options: dict[str, Any], keep: bool) -> None:
    data = NUMBERS.to_numpy().copy()
    data[:, 1] = np.nan
    model = SimpleImputer(add_indicator=True, keep_empty_features=keep, **options).fit(data)
    assert_same(model, data, np.vstack([data[:20], NUMBERS.to_numpy()[:20]]))


def test_frames_of_several_dtypes() -> None:
    data = NUMBERS.assign(male=PENGUINS["sex"] == "male", body_mass_g=NUMBERS["body_mass_g"].astype(np.float32))
    for strategy in ("mean", "most_frequent", "constant"):
        assert_same(SimpleImputer(strategy=strategy).fit(data), data)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint64, np.float32, np.float64])
@pytest.mark.parametrize("missing", [3, 200, 0])
@pytest.mark.parametrize("strategy", ["mean", "most_frequent", "constant"])
def test_a_number_stands_for_missing(dtype: Any, missing: int, strategy: str) -> None:
    data = np.random.default_rng(0).integers(0, 9, (50, 3)).astype(dtype)
    model = SimpleImputer(missing_values=missing, strategy=strategy, add_indicator=True)
    assert_same(model.fit(data), data)


def test_a_fraction_stands_for_missing() -> None:
    for dtype in (np.float32, np.float64):
        data = np.array([[0.1], [0.2], [0.1], [0.7]], dtype)
        assert_same(SimpleImputer(missing_values=0.1).fit(data), data)


HOLES = ["x", np.nan, "y", "x", None, "nan", "None", "", "?", "\ufdd0nan"]


def holes(nan: bool = True) -> pd.DataFrame:
    """Two columns of hard text, missing values of both kinds included; NaN only where wanted."""
    values = [v if nan or v == v else "x" for v in HOLES]
    return pd.DataFrame({"a": objects(values), "b": objects(values[::-1])})


@pytest.mark.parametrize(
    "options", [{"strategy": "most_frequent"}, {"strategy": "constant"}, {"strategy": "constant", "fill_value": "né"}], ids=str
)
@pytest.mark.parametrize("missing", [np.nan, None, pd.NA, "?", "", "nan"], ids=repr)
def test_text(options: dict[str, Any], missing: Any) -> None:
    takes_nan = missing is pd.NA or isinstance(missing, float)
    assert_same_text(SimpleImputer(missing_values=missing, **options).fit(holes(takes_nan)), holes())


@pytest.mark.parametrize("missing", [np.nan, None, "?"], ids=repr)
def test_indicator_of_text(missing: Any) -> None:
    fitted = holes(isinstance(missing, float))
    model = MissingIndicator(missing_values=missing, features="all").fit(fitted)
    session, _ = converted(model, holes())
    assert_equal(session.run(fitted)["transform"], model.transform(fitted), "transform")
    if not isinstance(missing, float):
        with pytest.raises(InputError, match="refuses"):
            session.run(holes())


def test_pandas_nullable_text() -> None:
    data = pd.DataFrame({"a": pd.array(["x", None, "y", "x"], dtype="string")})
    assert_same_text(SimpleImputer(missing_values=pd.NA, strategy="most_frequent").fit(data), data)
    assert_same_text(SimpleImputer(strategy="most_frequent").fit(data.dropna()), data)


def test_text_and_numbers_together() -> None:
    data = PENGUINS[["bill_length_mm", "species", "year", "sex", "body_mass_g"]].astype({"body_mass_g": np.float32})
    imputer = SimpleImputer(strategy="most_frequent", add_indicator=True)
    assert_same(make_pipeline(imputer, OneHotEncoder()).fit(data), data)
    assert_same(make_pipeline(imputer, OrdinalEncoder()).fit(data), data)


def test_text_then_encoder() -> None:
    assert_same(make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()).fit(TEXT), TEXT)
    constant = SimpleImputer(strategy="constant", fill_value="unknown", add_indicator=True)
    assert_same(make_pipeline(constant, OneHotEncoder()).fit(TEXT), TEXT)


@pytest.mark.parametrize("features", ["all", "missing-only"])
@pytest.mark.parametrize("sparse_output", [True, False, "auto"])
def test_indicator(features: str, sparse_output: Any) -> None:
    model = MissingIndicator(features=features, sparse=sparse_output)
    assert_same(model.fit(NUMBERS), NUMBERS)
    assert_same(model.fit(PENGUINS), PENGUINS)


def test_indicator_refuses_a_new_column_with_missing_values() -> None:
    fitted = np.array([[1.0, -1.0, 3.0], [-1.0, 2.0, 3.0]])
    model = MissingIndicator(missing_values=-1).fit(fitted)
    session = assert_same(model, fitted)
    with pytest.raises(InputError, match="had none in the fit"):
        session.run(np.array([[1.0, 1.0, -1.0]]))
    lenient = MissingIndicator(missing_values=-1, error_on_new=False).fit(fitted)
    assert_same(lenient, fitted, np.array([[1.0, 1.0, -1.0]]))
    with pytest.raises(UnsupportedError, match="without any column"):
        converted(MissingIndicator(missing_values=-1).fit(np.ones((2, 2))), fitted[:, :2])


def test_sparse_matrices() -> None:
    dense = np.array([[1.0, 0.0, np.nan], [0.0, 2.0, 5.0], [4.0, np.nan, 6.0]])
    model = SimpleImputer(add_indicator=True).fit(sparse.csc_matrix(dense))
    session, _ = converted(model, dense)
    assert_equal(session.run(dense)["transform"], original(model, sparse.csc_matrix(dense), "transform"), "transform")


def test_fast_mode_is_float32() -> None:
    session, _ = converted(SimpleImputer().fit(NUMBERS), NUMBERS, mode="fast")
    answer = session.run(NUMBERS)["transform"]
    assert answer.dtype == np.float32
    np.testing.assert_array_equal(answer, SimpleImputer().fit_transform(NUMBERS).astype(np.float32))


def test_older_target() -> None:
    data = PENGUINS[["bill_length_mm", "year"]]
    assert_same(SimpleImputer().fit(data), data, target_opset=17)
    assert_same(make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()).fit(TEXT), TEXT, target_opset=17)


def test_no_node_where_nothing_can_be_missing() -> None:
    data = np.arange(12).reshape(4, 3)
    with building():
        _, block = block_of(infer(data), frame=False)
        assert transform(SimpleImputer(strategy="most_frequent").fit(data), block).parts[0].var is block.parts[0].var


@pytest.mark.parametrize(
    ("model", "data", "match"),
    [
        (SimpleImputer(strategy="constant", fill_value=5), pd.DataFrame({"a": ["x", np.nan]}), "column of text"),
        (SimpleImputer(strategy="constant", fill_value="z"), PENGUINS[["sex", "bill_length_mm"]], "column of numbers"),
        (SimpleImputer(missing_values=None, strategy="constant"), pd.DataFrame({"a": objects([1.0, None])}), "column of numbers"),
    ],
    ids=["number in text", "text in numbers", "None in numbers"],
)
def test_refusals(model: SimpleImputer, data: pd.DataFrame, match: str) -> None:
    with pytest.raises(UnsupportedError, match=match):
        converted(model.fit(data), data)


def test_a_constant_that_the_columns_cannot_hold_is_refused() -> None:
    model = SimpleImputer(strategy="constant", fill_value=0.5, missing_values=-1).fit(np.array([[1.0], [2.0]]))
    with pytest.raises(UnsupportedError, match="expected float64, got int64"):
        converted(model, np.array([[1], [-1]]))


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.none(), st.just(np.nan), st.sampled_from(["nan", "None", "", "é"]), st.text(max_size=3)),
        min_size=1,
        max_size=10,
    )
)
def test_any_text(values: list[Any]) -> None:
    data = pd.DataFrame({"a": objects([v.replace("\0", "0") if isinstance(v, str) else v for v in values])})
    sample = pd.DataFrame({"a": objects(["x", None])})
    assert_same_text(SimpleImputer(strategy="constant", fill_value="?").fit(sample), sample, data)
