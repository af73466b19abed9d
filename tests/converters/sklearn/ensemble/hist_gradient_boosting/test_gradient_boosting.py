"""Histogram gradient boosting: raw sums are bit-identical, with missing values, infinities and categories of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, regression
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits
from thresholds import rows_on

from vajra_onnx.errors import UnsupportedError

SETTINGS: dict[str, Any] = {"max_iter": 15, "min_samples_leaf": 5, "random_state": 0}
RAW = ["predict", "decision_function"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """OpenMP's threads spin while they wait for each other: on a busy machine they make these small fits ten times slower."""
    with threadpool_limits(1):
        yield


def cuts(model: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    nodes = [p.nodes for stage in model._predictors for p in stage]
    return [(n["feature_idx"][n["is_leaf"] == 0], n["num_threshold"][n["is_leaf"] == 0]) for n in nodes]


def with_gaps(x: np.ndarray) -> np.ndarray:
    return np.where(np.random.default_rng(0).random(x.shape) < 0.2, np.nan, x).astype(x.dtype)


def categorical(rows: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers, text, text of many values and whole numbers as categories, and missing values in all of them."""
    rng = np.random.default_rng(0)
    number, few, many = rng.normal(size=rows), rng.choice(list("abcdé"), rows), rng.integers(0, 150, rows)
    y = number * 2 + (few == "b") * 3 + (many % 7) + (many > 100)
    frame = pd.DataFrame(
        {
            "number": np.where(rng.random(rows) < 0.1, np.nan, number),
            "few": pd.Categorical(few),
            "many": pd.Categorical(many.astype(str)),
            "other": rng.normal(size=rows).astype(np.float32),
            "codes": pd.Categorical(many % 11 - 3),
        }
    )
    for i, name in enumerate(frame.columns[1:]):
        if name != "other":
            frame.loc[i :: 17 + i, name] = None
    return frame, y


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", FORMS)
def test_classifier(form: str, labels: str) -> None:
    x, y = classification(form, labels)
    model = HistGradientBoostingClassifier(**SETTINGS).fit(x, y)
    assert_same(model, x, outputs=RAW)
    assert_same(model, x, outputs=["predict_proba"], rtol=2e-15)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "quantile", "poisson", "gamma"])
def test_regressor(loss: str) -> None:
    x, y = regression("float64")
    positive = np.exp(y / 200) if loss in ("poisson", "gamma") else y
    model = HistGradientBoostingRegressor(loss=loss, quantile=0.3, **SETTINGS).fit(x, positive)
    assert_same(model, x, rows_on(cuts(model), x), rtol=5e-16 if loss in ("poisson", "gamma") else 0)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("labels", ["binary", "multi"])
def test_on_the_thresholds(labels: str, dtype: type, missing: bool) -> None:
    x, y = classification(np.dtype(dtype).name, labels)
    model = HistGradientBoostingClassifier(**SETTINGS).fit(with_gaps(x) if missing else x, y)
    assert_same(model, with_gaps(x), rows_on(cuts(model), x, missing=True, infinite=True), RAW)


def test_a_split_on_nothing_but_missing() -> None:
    x = np.array([[1.0, 2.0], [np.nan, 2.0]] * 20)
    model = HistGradientBoostingClassifier(**SETTINGS).fit(x, [0, 1] * 20)
    assert np.isinf(np.concatenate([threshold for _, threshold in cuts(model)])).any()
    assert_same(model, x, np.array([[np.inf, 0], [-np.inf, 0], [np.nan, 0], [1e300, np.nan]]), RAW)


def test_infinities_in_the_training_data() -> None:
    x, y = classification("float64")
    x[::5, 0], x[::7, 1] = np.inf, -np.inf
    model = HistGradientBoostingClassifier(**SETTINGS).fit(x, y)
    assert_same(model, with_gaps(x), rows_on(cuts(model), x, infinite=True, missing=True), RAW)


@pytest.mark.parametrize("columns", [["number", "few", "many", "other", "codes"], ["few", "codes"], ["many"]])
def test_categories_of_a_frame(columns: list[str]) -> None:
    frame, y = categorical()
    x = frame[columns]
    assert_same(HistGradientBoostingRegressor(**SETTINGS).fit(x, y), x)
    assert_same(HistGradientBoostingClassifier(**SETTINGS).fit(x, y > y.mean()), x, outputs=RAW)


@pytest.mark.parametrize("chosen", [["few", "codes"], [1, 4], np.array([False, True, False, False, True])])
def test_categories_by_name_index_and_mask(chosen: Any) -> None:
    frame, y = categorical()
    frame = frame.assign(many=frame["codes"].astype(float))
    assert_same(HistGradientBoostingRegressor(categorical_features=chosen, **SETTINGS).fit(frame, y), frame)


def test_unknown_categories_are_missing() -> None:
    frame, y = categorical()
    model = HistGradientBoostingRegressor(**SETTINGS).fit(frame, y)
    other = frame.copy()
    other["few"] = pd.Categorical(frame["few"].astype(object).where(frame.index % 3 != 0, "new"))
    other["many"] = pd.Categorical(frame["many"].astype(object).where(frame.index % 2 == 0, ""))
    assert (other["few"] == "new").sum() > 100
    assert_same(model, frame, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_categories_of_an_array(dtype: type) -> None:
    frame, y = categorical()
    x = np.stack([frame["number"], frame["other"], frame["codes"].astype(float)], axis=1).astype(dtype)
    model = HistGradientBoostingRegressor(categorical_features=[2], **SETTINGS).fit(x, y)
    data = x.copy()
    data[::3, 2] = np.resize([-4.0, 0.5, 99.0, -0.0, np.nan, 1e9], len(data[::3]))
    assert_same(model, x, data)


def test_categories_need_sets_of_members() -> None:
    frame, y = categorical()
    model = HistGradientBoostingRegressor(**SETTINGS).fit(frame, y)
    with pytest.raises(UnsupportedError, match="categorical splits"):
        converted(model, frame, target_opset=20)


@pytest.mark.parametrize("opset", [17, 20])
def test_older_opsets_are_exact_too(opset: int) -> None:
    x, y = classification("float64")
    model = HistGradientBoostingClassifier(**SETTINGS).fit(with_gaps(x), y)
    assert_same(model, with_gaps(x), rows_on(cuts(model), x, missing=True), RAW, target_opset=opset)
