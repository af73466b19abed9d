"""Categorical columns: recoded to the categories of the training frame, or the codes themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from compare import assert_equal, assert_same, converted, original

from vajra_onnx.errors import InputError, UnsupportedError

SMALL = {"n_estimators": 8, "max_depth": 4, "n_jobs": 1, "enable_categorical": True}


def frame(rows: int = 300, seed: int = 0, text: tuple[str, ...] = ("z", "x", "y", "w"), missing: bool = True) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    numbers = [30, 10, 20]
    data = pd.DataFrame(
        {
            "a": random.normal(size=rows),
            "text": pd.Categorical(random.choice(text, rows), categories=text),
            "number": pd.Categorical(random.choice(numbers, rows), categories=numbers),
            "yes": random.random(rows) < 0.5,
        }
    )
    if missing:
        data.loc[random.integers(0, rows, 15), ["text", "number", "a"]] = None
    return data


def target(data: pd.DataFrame) -> Any:
    return data["a"].fillna(0) * 0.1 + (data["text"] == data["text"].cat.categories[1]) * 2 + (data["number"] == 20) - data["yes"]


def fitted(data: pd.DataFrame, **options: Any) -> xgboost.XGBRegressor:
    return xgboost.XGBRegressor(**SMALL, **options).fit(data, target(data))


@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("options", [{}, {"max_cat_to_onehot": 1}, {"max_cat_to_onehot": 100}])
def test_categorical_columns(options: dict[str, Any], missing: bool) -> None:
    data = frame(missing=missing)
    model = fitted(data, **options)
    assert_same(model, data)
    assert_same(model.get_booster(), data)


def test_other_frames_are_recoded_by_value() -> None:
    model, other = fitted(frame()), frame(60, 1, text=("y", "x"))
    assert_same(model, other)
    session, _ = converted(model, other)
    third = frame(60, 2)
    assert_equal(session.run(third)["predict"], original(model, third, "predict"), "predict")


@pytest.mark.parametrize(("column", "value"), [("text", "unseen"), ("text", ""), ("number", 15), ("number", 40)])
def test_values_outside_the_training_categories_are_refused(column: str, value: Any) -> None:
    """XGBoost 3.2 refuses some of them and takes others for the next category in sorted order."""
    session, _ = converted(fitted(frame()), frame())
    data = frame(5, missing=False)
    session.run(data)
    with pytest.raises(InputError, match=f"a category of column '{column}' that the model was not trained on"):
        session.run(data.assign(**{column: pd.Categorical([value] * 5)}))
    with pytest.raises(ValueError, match="not in the training set"):
        original(fitted(frame()), data.assign(**{column: pd.Categorical([value] * 5)}), "predict")


def test_many_categories() -> None:
    random = np.random.default_rng(0)
    codes, effect = random.integers(0, 200, 1000), random.normal(size=200)
    data = pd.DataFrame({"c": pd.Categorical([f"c{i}" for i in codes]), "v": random.normal(size=1000)})
    model = xgboost.XGBRegressor(**SMALL).fit(data, effect[codes])
    assert_same(model, data)


def test_categories_beyond_ascii_are_confused_as_xgboost_confuses_them() -> None:
    data = frame(text=("é", "ü", "b", "ß中"))
    model = fitted(data)
    assert_same(model, data)
    with pytest.raises(UnsupportedError, match="categories beyond ASCII"):
        converted(model, frame(text=("ü", "é", "b", "ß中")))


def test_columns_that_are_not_categorical_as_in_training_are_refused() -> None:
    model = fitted(frame(missing=False))
    with pytest.raises(UnsupportedError, match="column 'text': expected a categorical column"):
        converted(model, frame(missing=False).assign(text=1.0))
    with pytest.raises(UnsupportedError, match="column 'a': expected numbers"):
        converted(model, frame(missing=False).assign(a=frame()["text"]))
    with pytest.raises(UnsupportedError, match="categories of column 'number': expected text, or integers"):
        converted(model, frame(missing=False).assign(number=frame()["text"]))


def test_a_missing_number_that_is_a_code_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="missing"):
        converted(fitted(frame(missing=False), missing=1.0), frame(missing=False))


def codes(rows: int = 300) -> np.ndarray:
    random = np.random.default_rng(7)
    columns = [random.integers(0, 40, rows), random.normal(size=rows), random.integers(0, 3, rows)]
    return np.column_stack(columns).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", [{"max_cat_to_onehot": 2}, {"max_cat_to_onehot": 100}])
def test_codes_in_an_array(dtype: type, options: dict[str, Any]) -> None:
    """Fractions are cut off; negative, too large and infinite codes belong to no category."""
    x = codes()
    model = xgboost.XGBRegressor(feature_types=["c", "float", "c"], **options, **SMALL)
    model.fit(x, np.sin(x[:, 0] * 7) + x[:, 2])
    strange = [-1, -0.5, -0.0, 0.5, 3.99, 31, 32, 40, 41, 1e6, 2**24 - 1, 2**24, 1e9, np.inf, -np.inf, np.nan]
    data = codes(160)
    data[:, 0] = np.resize(strange, 160)
    assert_same(model, np.concatenate([x, data]).astype(dtype))
    as_frame = pd.DataFrame(x, columns=list("abc"))
    assert_same(xgboost.XGBRegressor(feature_types=["c", "float", "c"], **options, **SMALL).fit(as_frame, x[:, 2]), as_frame)


def test_frame_codes_where_the_model_keeps_no_categories() -> None:
    data = frame(missing=False).drop(columns=["number"])
    as_codes = data.assign(text=data["text"].cat.codes)
    model = xgboost.XGBRegressor(**SMALL).fit(as_codes, as_codes["text"] * 1.0)
    assert_same(model, as_codes)
    assert_same(model, data)
    joined = data["text"].cat.add_categories(["new"]).where(data["a"] > 0, "new")
    session, _ = converted(model, data)
    expected = original(model, data.assign(text=joined), "predict")
    assert_equal(session.run(data.assign(text=joined))["predict"], expected, "predict")
