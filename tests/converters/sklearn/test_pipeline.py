"""Pipeline and FeatureUnion against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from palmerpenguins import load_penguins
from samples import classification
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from vajra_onnx.converters.sklearn.containers import step_output
from vajra_onnx.errors import UnsupportedError
from vajra_onnx.frames import infer
from vajra_onnx.graph.block import Block
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import building

PENGUINS = load_penguins()
NUMBERS = PENGUINS[["bill_length_mm", "bill_depth_mm", "year"]]
TEXT = PENGUINS[["species", "sex"]]


def output(model: Any, sample: Any) -> Block:
    with building():
        return step_output(model, block_of(infer(sample), frame=True)[1])


@pytest.mark.parametrize("nothing", ["passthrough", None])
def test_steps_that_do_nothing(nothing: Any) -> None:
    assert_same(Pipeline([("a", nothing), ("i", SimpleImputer()), ("b", nothing)]).fit(NUMBERS), NUMBERS)
    inner = Pipeline([("a", nothing), ("i", SimpleImputer())])
    assert_same(Pipeline([("inner", inner), ("s", StandardScaler())]).fit(NUMBERS), NUMBERS)


def test_the_last_step_gives_the_outputs() -> None:
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(NUMBERS, PENGUINS["species"])
    everything = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
    assert_same(model, NUMBERS, outputs=everything, rtol=1e-11, atol=1e-12)


def test_names_survive_a_nested_pipeline() -> None:
    inner = make_pipeline(SimpleImputer(), StandardScaler())
    outer = ColumnTransformer([("only", "passthrough", ["year", "bill_length_mm"])])
    assert_same(make_pipeline(inner, outer).set_output(transform="pandas").fit(NUMBERS), NUMBERS)


@pytest.mark.parametrize("weights", [None, {"scale": 0.5, "miss": 3.0}, {"keep": 2}])
def test_union_of_numbers(weights: dict[str, float] | None) -> None:
    steps = [("scale", make_pipeline(SimpleImputer(), StandardScaler())), ("miss", MissingIndicator()), ("no", "drop")]
    model = FeatureUnion([*steps, ("keep", "passthrough")], transformer_weights=weights)
    assert_same(model.fit(NUMBERS), NUMBERS)
    assert_same(model.fit(NUMBERS.to_numpy(np.float32)), NUMBERS.to_numpy(np.float32))


@pytest.mark.parametrize("sparse", [True, False])
def test_union_of_text(sparse: bool) -> None:
    model = make_union(OneHotEncoder(), OneHotEncoder(sparse_output=sparse, handle_unknown="ignore"), OneHotEncoder())
    assert_same(model.fit(TEXT), TEXT)
    assert output(model, TEXT).sparse


def test_union_names_its_columns() -> None:
    union = FeatureUnion([("s", SimpleImputer()), ("keep", "passthrough")]).set_output(transform="pandas")
    names = list(union.fit_transform(NUMBERS).columns)
    assert output(union, NUMBERS).names == tuple(names)
    model = make_pipeline(union, ColumnTransformer([("x", SimpleImputer(), ["keep__bill_depth_mm", "s__year"])]))
    assert_same(model.fit(NUMBERS), NUMBERS)


def test_a_weight_of_zero_for_a_sparse_result_is_refused() -> None:
    model = FeatureUnion([("o", OneHotEncoder())], transformer_weights={"o": 0})
    with pytest.raises(UnsupportedError, match="weight of 0"):
        converted(model.fit(TEXT), TEXT)


def test_the_error_names_the_place() -> None:
    model = make_pipeline(make_union(OneHotEncoder(dtype=object, sparse_output=False))).fit(TEXT)
    with pytest.raises(UnsupportedError, match=r"steps\['featureunion'\]\.transformer_list\['onehotencoder'\]"):
        converted(model, TEXT)


def test_a_pipeline_offers_what_it_has() -> None:
    x, y = classification("float64")
    model = make_pipeline(StandardScaler(), RandomForestClassifier(2, random_state=0)).fit(x, y)
    with pytest.raises(UnsupportedError, match=r"unknown output.*'apply'"):
        converted(model, x, ["apply"])
