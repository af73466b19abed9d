"""ColumnTransformer against scikit-learn: every way to name columns, every container, nested and weighted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from compare import assert_equal, assert_same, converted
from palmerpenguins import load_penguins
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from vajra_onnx.converters.sklearn.containers import step_output
from vajra_onnx.errors import InputError, UnsupportedError
from vajra_onnx.frames import infer
from vajra_onnx.graph.block import Block
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import building

PENGUINS = load_penguins()
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
TEXT = ["species", "island", "sex"]
MATRIX = PENGUINS[[*NUMBERS, "year"]].to_numpy()


def output(model: Any, sample: Any) -> Block:
    """The block that the converted transformer hands on."""
    with building():
        return step_output(model, block_of(infer(sample), frame=hasattr(sample, "columns"))[1])


def encoder(**options: Any) -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", **options)


def numeric() -> Any:
    return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (NUMBERS, TEXT),
        (["body_mass_g", "bill_depth_mm"], ["sex"]),
        ([5, 2, 3], [0, -2]),
        (slice(2, 6), slice(0, 2)),
        (slice("bill_length_mm", "body_mass_g"), slice("species", "island")),
        (np.array([False, False, True, True, False, True, False, False]), [True, True, *[False] * 6]),
        (make_column_selector(dtype_include="float64"), make_column_selector(pattern="s.*s|sex", dtype_exclude="number")),
        (lambda frame: [c for c in frame.columns if c.endswith("mm")], lambda frame: ["island"]),
        (pd.Index(NUMBERS), np.array(TEXT)),
    ],
    ids=["names", "other order", "positions", "slices", "slices of names", "masks", "selectors", "callables", "indexes"],
)
@pytest.mark.parametrize("remainder", ["drop", "passthrough"])
def test_ways_to_name_columns(numbers: Any, text: Any, remainder: str) -> None:
    data = PENGUINS[[*TEXT[:2], *NUMBERS, "sex", "year"]]
    model = ColumnTransformer([("n", numeric(), numbers), ("t", encoder(), text)], remainder=remainder).fit(data)
    columns = [i for key, part in model._transformer_to_input_indices.items() if key != "remainder" for i in part]
    rest = data.drop(columns=data.columns[columns])
    if remainder == "drop" or all(kind.kind in "iuf" for kind in rest.dtypes):
        assert_same(model, data)
    else:
        with pytest.raises(UnsupportedError, match="text and of numbers"):
            converted(model, data)


@pytest.mark.parametrize(
    "options", [{}, {"sparse_threshold": 0}, {"sparse_threshold": 1.0}, {"remainder": StandardScaler()}], ids=str
)
def test_arrays_by_position(options: dict[str, Any]) -> None:
    model = ColumnTransformer([("n", numeric(), [3, 1]), ("o", encoder(), [4]), ("no", "drop", [0])], **options).fit(MATRIX)
    assert_same(model, MATRIX)
    assert output(model, MATRIX).sparse is bool(model.sparse_output_)


def test_sparseness_is_the_fitted_one() -> None:
    data = PENGUINS[[*TEXT, "year"]]
    for threshold in (0.0, 0.3, 0.9):
        model = ColumnTransformer([("t", encoder(), TEXT)], remainder="passthrough", sparse_threshold=threshold).fit(data)
        assert_same(model, data)
        assert output(model, data).sparse is (threshold == 0.9) is bool(model.sparse_output_)


def test_columns_are_found_by_name_in_any_order_and_among_others() -> None:
    model = ColumnTransformer([("n", numeric(), NUMBERS), ("t", encoder(), TEXT), ("no", "drop", ["year"])]).fit(PENGUINS)
    others = PENGUINS[PENGUINS.columns[::-1]].assign(extra=1.5).drop(columns="year")
    assert_same(model, others)
    with pytest.raises(UnsupportedError, match="columns are missing: expected 'sex'"):
        converted(model, others.drop(columns="sex"))
    with pytest.raises(UnsupportedError, match="expected 5 columns, got 4"):
        converted(ColumnTransformer([("n", numeric(), [0])]).fit(MATRIX), MATRIX[:, :4])


@pytest.mark.filterwarnings("ignore:X has feature names")
def test_fitted_on_an_array_given_a_frame() -> None:
    frame = PENGUINS[[*NUMBERS, "year"]]
    assert_same(ColumnTransformer([("n", numeric(), [0, 2])], remainder="passthrough").fit(MATRIX), frame)


@pytest.mark.parametrize("weights", [{"n": 2.5, "p": 3}, {"t": 0.5, "b": 2.0, "r": 0.1}], ids=str)
@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_weights(weights: dict[str, float], threshold: float) -> None:
    data = PENGUINS.assign(male=PENGUINS["sex"] == "male", mass=PENGUINS["body_mass_g"].astype(np.float32))
    steps = [("n", numeric(), NUMBERS), ("t", encoder(), TEXT), ("p", "passthrough", ["year"]), ("b", "passthrough", ["male"])]
    model = ColumnTransformer([*steps, ("r", "passthrough", ["mass"])], transformer_weights=weights, sparse_threshold=threshold)
    assert_same(model.fit(data), data)


def test_weights_of_integers_and_text() -> None:
    integers = PENGUINS[["year"]].assign(other=3)
    for weight in (2, 0.5):
        model = ColumnTransformer([("p", "passthrough", ["year", "other"])], transformer_weights={"p": weight})
        assert_same(model.fit(integers), integers)
    model = ColumnTransformer([("p", "passthrough", ["sex"])], transformer_weights={"p": 2})
    with pytest.raises(UnsupportedError, match="weight for text"):
        converted(model.fit(PENGUINS.dropna()), PENGUINS.dropna())


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("verbose", [True, False, "{feature_name}-{transformer_name}"])
def test_set_output_names_the_columns_for_the_next_step(container: str, verbose: Any) -> None:
    first = ColumnTransformer(
        [("n", SimpleImputer(), NUMBERS), ("t", encoder(sparse_output=False), ["island"]), ("p", "passthrough", ["year"])],
        verbose_feature_names_out=verbose,
    ).set_output(transform=container)
    data = PENGUINS if container == "pandas" else pl.from_pandas(PENGUINS)
    names = list(first.fit_transform(data).columns)
    assert output(first, data).names == tuple(names)
    second = ColumnTransformer([("a", StandardScaler(), [names[-1], names[1]]), ("b", "passthrough", [names[5]])])
    sample = PENGUINS if container == "pandas" else data.drop_nulls()
    model = make_pipeline(first, second).fit(sample)
    session, _ = converted(model, sample)
    assert_equal(session.run(sample)["transform"], np.asarray(model.transform(sample)), "transform")


def test_set_output_keeps_dtypes_per_column() -> None:
    data = PENGUINS.assign(mass=PENGUINS["body_mass_g"].astype(np.float32), male=PENGUINS["sex"] == "male")
    first = make_column_transformer(("passthrough", ["mass", "male", "year"]), verbose_feature_names_out=False)
    for config in ("default", "pandas"):
        second = ColumnTransformer([("s", StandardScaler(), [0])])
        assert_same(make_pipeline(first.set_output(transform=config), second).fit(data), data)


def test_text_and_numbers_pass_into_a_second_transformer() -> None:
    data = PENGUINS[["sex", "bill_length_mm", "year", "island"]].assign(mass=PENGUINS["body_mass_g"].astype(np.float32))
    first = ColumnTransformer([("i", SimpleImputer(strategy="most_frequent"), ["sex", "island"])], remainder="passthrough")
    second = ColumnTransformer([("o", OneHotEncoder(), [0, 1, 3]), ("s", StandardScaler(), [4]), ("n", SimpleImputer(), [2])])
    assert_same(make_pipeline(first, second).fit(data), data)


def test_one_column_for_several_transformers() -> None:
    model = ColumnTransformer(
        [("a", OneHotEncoder(), ["sex", "island"]), ("b", OrdinalEncoder(), ["island", "sex"]), ("c", MissingIndicator(), TEXT)]
    ).fit(PENGUINS)
    session = assert_same(model, PENGUINS)
    with pytest.raises(InputError, match="unknown category in column 'sex'"):
        session.run(PENGUINS[:1].assign(sex="?"))


def test_nested() -> None:
    inner = ColumnTransformer([("n", numeric(), ["bill_depth_mm"]), ("t", encoder(), ["sex"])])
    model = ColumnTransformer([("inner", inner, ["sex", "year", "bill_depth_mm"]), ("o", OneHotEncoder(), ["island"])])
    classifier = make_pipeline(model, LogisticRegression(max_iter=200)).fit(PENGUINS, PENGUINS["species"])
    assert_same(classifier, PENGUINS, rtol=1e-12)
    assert_same(model.fit(PENGUINS), PENGUINS)


def test_empty_selections_and_everything_dropped() -> None:
    model = ColumnTransformer(
        [("none", StandardScaler(), []), ("mask", StandardScaler(), np.zeros(8, bool)), ("y", "passthrough", ["year"])]
    )
    assert_same(model.fit(PENGUINS), PENGUINS)
    with pytest.raises(UnsupportedError, match="without columns"):
        converted(ColumnTransformer([("no", "drop", ["year"])]).fit(PENGUINS), PENGUINS)


def test_dtypes_of_what_passes_through() -> None:
    for columns in (["i8"], ["i8", "i4"], ["i8", "f4"], ["f4"], ["f4", "b"], ["b"], ["i4", "b"], ["f4", "f8", "b"]):
        data = pd.DataFrame({c: np.arange(6).astype(c if c != "b" else bool) for c in columns})
        model = make_column_transformer((FunctionTransformer(), columns))
        session = assert_same(model.fit(data), data)
        expected = np.asarray(model.transform(data)).dtype
        assert expected.kind == "O" or session.run(data)["transform"].dtype == expected


def test_the_error_names_the_place() -> None:
    model = make_pipeline(ColumnTransformer([("odd", FunctionTransformer(np.cumsum), ["year"])]))
    with pytest.raises(UnsupportedError, match=r"steps\['columntransformer'\]\.transformers\['odd'\]"):
        converted(model.fit(PENGUINS), PENGUINS)


def test_datetimes_are_not_numbers() -> None:
    data = pd.DataFrame({"when": pd.to_datetime(["2020-01-01", "2021-01-01"]), "x": [1.0, 2.0]})
    model = ColumnTransformer([("s", StandardScaler(), ["x"])], remainder="passthrough")
    with pytest.raises(UnsupportedError, match="datetimes"):
        converted(model.fit(data[["x"]].assign(when=[1, 2])), data)
    assert_same(ColumnTransformer([("s", StandardScaler(), ["x"]), ("o", OneHotEncoder(), ["when"])]).fit(data), data)
