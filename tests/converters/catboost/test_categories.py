"""Categorical features: one-hot values and CTRs of any text and any whole number, seen in training or not."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor
from compare import assert_equal, converted
from oblivious import ROWS, SMALL, assert_exact, categories, classes, fitted, methods, proved, target

from vajra_onnx.errors import InputError, UnsupportedError

WAYS: dict[str, dict[str, Any]] = {
    "one-hot": {"one_hot_max_size": 255},
    "ctrs": {"max_ctr_complexity": 1, "one_hot_max_size": 2},
    "combinations": {"max_ctr_complexity": 4, "depth": 5},
    "combinations, NaN above": {"max_ctr_complexity": 4, "depth": 5, "nan_mode": "Max"},
    "buckets": {"simple_ctr": ["Buckets", "BinarizedTargetMeanValue"], "combinations_ctr": ["Borders"]},
    "counts": {"simple_ctr": ["Counter"], "combinations_ctr": ["Counter:Prior=0.5/1"], "counter_calc_method": "Full"},
}


def with_unseen() -> pd.DataFrame:
    """The rows of training, and as many others, some with categories that training has not seen."""
    other = categories(1)
    other.loc[::3, "city"] = ["other " * (i % 40) + "ß" * (i % 7) for i in range(0, ROWS, 3)]
    other.loc[::5, "code"] = np.arange(0, ROWS, 5)
    return pd.concat([categories(), other], ignore_index=True)


@pytest.mark.parametrize(("way", "policy"), [*zip(WAYS, cycle(["SymmetricTree", "Lossguide", "SymmetricTree"]))])
def test_regression(way: str, policy: str) -> None:
    model = fitted(CatBoostRegressor, categories(), target(), iterations=20, grow_policy=policy, **WAYS[way])
    assert_exact(model, with_unseen())


@pytest.mark.parametrize(("way", "count"), [("combinations", 2), ("buckets", 3)])
def test_classification(way: str, count: int) -> None:
    assert_exact(fitted(CatBoostClassifier, categories(), classes(count), **WAYS[way]), with_unseen())


@pytest.mark.parametrize("way", ["one-hot", "combinations"])
def test_proof(way: str) -> None:
    proved(fitted(CatBoostRegressor, categories(), target(), iterations=20, **WAYS[way]), categories())


DTYPES = {
    "category": {"city": "category", "code": "category"},
    "nullable": {"city": "string", "code": "Int64", "small": "Int16", "a b": "Float32"},
    "objects": {"city": object, "code": object},
    "unsigned": {"code": np.uint64},
    "booleans": {"code": bool},
}


@pytest.mark.parametrize("dtypes", DTYPES)
def test_dtypes_of_columns(dtypes: str) -> None:
    data = categories().astype(DTYPES[dtypes])
    proved(fitted(CatBoostRegressor, data, target(), one_hot_max_size=2), data)


def test_arrays() -> None:
    codes = np.random.default_rng(0).integers(-5, 5, (ROWS, 3))
    proved(fitted(CatBoostRegressor, codes, target(), cat_features=[0, 2], one_hot_max_size=3), codes)
    text = categories()[["city", "kind"]].to_numpy(dtype=object)
    proved(fitted(CatBoostRegressor, text, target(), cat_features=[0, 1], one_hot_max_size=3), text)


def test_polars() -> None:
    polars = pytest.importorskip("polars")
    model = fitted(CatBoostRegressor, categories(), target())
    proved(model, polars.from_pandas(categories()))


def test_texts_that_the_graph_writes_otherwise() -> None:
    """What looks like the graph's own signs for missing values, and characters that cut text short in C."""
    data, odd = (
        categories(),
        ["\ufdd0", "\ufdd0nan", "\ufdd0\ufdd0", "nan", "None", "a\0b", "\0a", "\n\t", "\uffff", "\U0010ffff"],
    )
    data["city"] = np.random.default_rng(0).choice(np.array(odd, object), ROWS)
    y = target() + data["city"].map({text: i for i, text in enumerate(odd)})
    proved(fitted(CatBoostRegressor, data, y.to_numpy()), data)


@pytest.mark.parametrize("dtype", [object, "category", "string"])
def test_missing_categories_are_refused(dtype: Any) -> None:
    """By the graph itself where the sample has such a row, which the original refuses: in any language."""
    model = fitted(CatBoostRegressor, categories(), target())
    data = categories().astype({"city": dtype})
    data.loc[3, "city"] = None
    session, _ = converted(model, data, methods(model))
    assert_equal(session.run(data[4:])["predict"], model.predict(data[4:]), "predict")
    with pytest.raises(InputError, match="missing value in column 'city', which is categorical"):
        session.run(data)
    with pytest.raises(Exception, match=r"cat_features must be|must be real number|Invalid type"):
        model.predict(data)


def test_numbers_in_place_of_text_and_back() -> None:
    model = fitted(CatBoostRegressor, categories(), target())
    data = categories().assign(city=categories()["code"], code=categories()["code"].astype(str))
    assert_exact(model, data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": np.linspace(0, 1, ROWS)}, "column 'code': expected text, whole numbers or booleans"),
        ({"small": "text"}, "column 'small': expected numbers or booleans, as in the training data, got text"),
        ({"small": pd.Categorical([1] * ROWS)}, "got a categorical column"),
        ({"city": pd.Timestamp(0)}, "got datetimes"),
        ({"more": 1}, "columns: expected 5 features, got 6"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else None,
)
def test_other_columns_than_in_training(change: dict[str, Any], message: str) -> None:
    model = fitted(CatBoostRegressor, categories(), target())
    with pytest.raises(UnsupportedError, match=message):
        converted(model, categories().assign(**change), methods(model))


def test_columns_in_another_order() -> None:
    model = fitted(CatBoostRegressor, categories(), target())
    with pytest.raises(UnsupportedError, match="columns: expected a b, small, city, code, kind, got kind"):
        converted(model, categories()[["kind", *categories().columns[:-1]]], methods(model))


@pytest.mark.parametrize(
    ("labels", "options"),
    [
        (np.stack([target(), target() * np.arange(ROWS)], axis=1), {"loss_function": "MultiRMSE"}),
        (target(), {"simple_ctr": ["Borders:TargetBorderCount=3", "Borders:TargetBorderCount=1"]}),
    ],
    ids=["targets", "cuts"],
)
def test_statistics_of_several_targets_are_refused_and_counts_are_not(labels: np.ndarray, options: dict[str, Any]) -> None:
    """CatBoost's JSON keeps the table of one of them only."""
    model = fitted(CatBoostRegressor, categories(), labels, iterations=20, **options)
    with pytest.raises(UnsupportedError, match="whose statistics are of several targets"):
        converted(model, categories(), methods(model))
    counts = {**options, "simple_ctr": ["Counter"], "combinations_ctr": ["Counter"]}
    assert_exact(fitted(CatBoostRegressor, categories(), labels, iterations=20, **counts), categories())


def test_text_of_every_length() -> None:
    """CatBoost finds each category where the graph does: each has a target of its own."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice([*"ab0 _", "é", "中", "😀"], n)) + str(n) for n in range(150)]
    data, y = pd.DataFrame({"t": texts * 2}), np.tile(rng.normal(size=150), 2)
    model = CatBoostRegressor(**{**SMALL, "iterations": 60, "depth": 4}, cat_features=["t"], one_hot_max_size=255).fit(data, y)
    assert len(np.unique(model.predict(data))) > 50
    assert_exact(model, data)
