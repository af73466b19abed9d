"""xgboost.sklearn: the wrappers' own parameters, the kinds of data, and the place behind other steps of a Pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import xgboost
from compare import assert_equal, assert_same, converted, original
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from splits import at_splits, numbers

from vajra_onnx.errors import UnsupportedError

SMALL = {"n_estimators": 10, "max_depth": 3, "n_jobs": 1}
EXACT = ["predict", "margin"]


def target(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.05, 0.95, 300)


def classes() -> np.ndarray:
    return (target() * 3).astype(int)


@pytest.mark.parametrize("kind", [xgboost.XGBRFRegressor, xgboost.XGBRFClassifier])
def test_random_forests(kind: Any) -> None:
    model = kind(**SMALL).fit(numbers(), classes())
    assert_same(model, at_splits(model.get_booster(), numbers(2)), outputs=EXACT)


def test_several_labels_at_once() -> None:
    model = xgboost.XGBClassifier(**SMALL).fit(numbers(), np.column_stack([target() > 0.5, target() > 0.3]))
    assert_same(model, at_splits(model.get_booster(), numbers(2)), outputs=EXACT)


@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_early_stopping_counts_the_best_rounds(booster: str) -> None:
    model = xgboost.XGBRegressor(booster=booster, early_stopping_rounds=2, n_estimators=50, n_jobs=1)
    x, y = numbers(), target()
    model.fit(x[:200], y[:200], eval_set=[(x[200:], y[200:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    assert_same(model, at_splits(model.get_booster(), numbers(2)), outputs=EXACT)


@pytest.mark.parametrize("labels", [target(), classes()], ids=["regression", "classes"])
@pytest.mark.parametrize("options", [{"rate_drop": 0.4}, {"rate_drop": 0.3, "one_drop": 1, "normalize_type": "forest"}])
def test_dart(labels: np.ndarray, options: dict[str, Any]) -> None:
    kind = xgboost.XGBRegressor if labels.dtype == float else xgboost.XGBClassifier
    model = kind(booster="dart", **options, **SMALL).fit(numbers(), labels)
    assert_same(model, at_splits(model.get_booster(), numbers(2)), outputs=EXACT)


@pytest.mark.parametrize(
    "options",
    [{}, {"booster": "dart", "rate_drop": 0.4}, {"num_parallel_tree": 2, "gamma": 0.5}, {"n_estimators": 1}, {"missing": 0.0}],
    ids=lambda options: ",".join(options) or "defaults",
)
def test_leaves(options: dict[str, Any]) -> None:
    """`apply` makes a DMatrix, which refuses infinities."""
    for kind, labels in ((xgboost.XGBRegressor, target()), (xgboost.XGBClassifier, classes())):
        model = kind(**{**SMALL, **options}).fit(numbers(), labels)
        assert_same(model, at_splits(model.get_booster(), numbers(2), infinite=False), outputs=["apply"])


@pytest.mark.parametrize("labels", [target(), classes(), classes() > 0], ids=["regression", "classes", "binary"])
def test_linear_booster(labels: np.ndarray) -> None:
    kind = xgboost.XGBRegressor if labels.dtype == float else xgboost.XGBClassifier
    model = kind(booster="gblinear", n_estimators=10, n_jobs=1).fit(numbers(), labels)
    assert_same(model, numbers(2), outputs=EXACT)


@pytest.mark.parametrize("options", [{"tree_method": "exact", "gamma": 0.1}, {"gamma": 1e9}, {"tree_method": "approx"}])
def test_pruned_trees_and_single_leaves(options: dict[str, Any]) -> None:
    model = xgboost.XGBRegressor(**options, **SMALL).fit(numbers(), target())
    assert_same(model, at_splits(model.get_booster(), numbers(2)), outputs=EXACT)


@pytest.mark.parametrize("missing", [-999.0, 0, 0.1, np.inf])
def test_a_number_that_means_missing(missing: float) -> None:
    x = np.nan_to_num(numbers(), nan=missing)
    model = xgboost.XGBRegressor(missing=missing, **SMALL).fit(x, target())
    data = at_splits(model.get_booster(), np.nan_to_num(numbers(2), nan=missing))
    assert_same(model, data, outputs=EXACT)
    assert_same(model, data.astype(np.float64), outputs=EXACT)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "uint64", "int8", "uint8", "bool"])
def test_dtypes_of_arrays(dtype: str) -> None:
    x = (np.random.default_rng(0).normal(size=(300, 4)) * 30).astype(dtype)
    if dtype in ("int64", "uint64"):
        x[:, 0] = np.random.default_rng(1).integers(2**53, 2**62, 300)
    model = xgboost.XGBRegressor(**SMALL).fit(x, target())
    assert_same(model, x, outputs=EXACT)


def test_float64_between_two_float32_is_rounded() -> None:
    model = xgboost.XGBRegressor(**SMALL).fit(numbers(), target())
    data = at_splits(model.get_booster(), numbers(2)).astype(np.float64)
    assert_same(model, np.concatenate([data, data * (1 + 2e-8), data * (1 - 2e-8)]), outputs=EXACT)


def frame() -> pd.DataFrame:
    random, x = np.random.default_rng(3), numbers()
    return pd.DataFrame(
        {
            "f9": x[:, 0],
            "f0": x[:, 1].astype(np.float64),
            "größe in m²": x[:, 2],
            "count": random.integers(2**53, 2**62, 300),
            "small": random.integers(0, 255, 300).astype(np.uint8),
            "yes": random.random(300) < 0.3,
        }
    )


def test_frame_of_mixed_dtypes() -> None:
    model = xgboost.XGBClassifier(**SMALL).fit(frame(), classes())
    assert_same(model, frame(), outputs=EXACT)


def test_columns_in_another_order_are_refused() -> None:
    model = xgboost.XGBRegressor(**SMALL).fit(frame(), target())
    with pytest.raises(UnsupportedError, match="columns: expected f9, f0"):
        converted(model, frame()[frame().columns[::-1]])
    with pytest.raises(UnsupportedError, match="expected 6 features, got 5"):
        converted(model, frame().drop(columns="yes"))


def test_text_columns_are_refused() -> None:
    model = xgboost.XGBRegressor(**SMALL).fit(frame(), target())
    with pytest.raises(UnsupportedError, match=r"column 'small'.*got text"):
        converted(model, frame().assign(small="a"))


def test_ranker_drops_its_group_column() -> None:
    groups = frame().assign(qid=np.repeat(np.arange(15), 20))
    model = xgboost.XGBRanker(**SMALL).fit(groups, classes())
    assert_same(model, groups, outputs=EXACT)
    assert_same(model, frame(), outputs=EXACT)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_behind_a_scaler(dtype: type) -> None:
    x = np.nan_to_num(numbers()).astype(dtype) * 3 + 7
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBRegressor(**SMALL)).fit(x, target())
    assert_same(pipeline, x, outputs=EXACT)


def columns(rows: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(5)
    values = random.normal(size=(rows, 2)).round(1)
    values[:50] = [[0.0, -0.0]]
    values[50:60] = [[1e-60, -1e-60]]  # present, though float32 rounds them to zero
    data = pd.DataFrame(values, columns=["a", "b"])
    data["city"] = random.choice(list("pqrstuvwxyz"), rows)
    return data


@pytest.mark.parametrize("sparse_threshold", [1.0, 0.0], ids=["sparse", "dense"])
@pytest.mark.parametrize(
    "model",
    [
        xgboost.XGBRegressor(**SMALL),
        xgboost.XGBRegressor(booster="dart", rate_drop=0.3, **SMALL),
        xgboost.XGBRegressor(booster="gblinear", n_estimators=10, n_jobs=1),
    ],
    ids=["gbtree", "dart", "gblinear"],
)
def test_zeros_of_sparse_output_are_missing(model: Any, sparse_threshold: float) -> None:
    prepare = ColumnTransformer(
        [("scale", StandardScaler(with_mean=False), ["a"]), ("keep", "passthrough", ["b"]), ("code", OneHotEncoder(), ["city"])],
        sparse_threshold=sparse_threshold,
    )
    pipeline = make_pipeline(prepare, model).fit(columns(), target() + (columns()["a"] != 0))
    assert_same(pipeline, columns(), outputs=EXACT)


def test_sparse_samples() -> None:
    x = scipy.sparse.csr_matrix(np.nan_to_num(numbers()))
    model = xgboost.XGBRegressor(**SMALL).fit(x, target())
    session, methods = converted(model, x, EXACT)
    assert (model.predict(x) != model.predict(x.toarray())).any()
    for name, answer in session.run(x).items():
        assert_equal(answer, original(model, x, methods[name]), name)


def test_frame_of_one_column() -> None:
    data = pd.DataFrame({"only": pd.Categorical(np.random.default_rng(0).choice(["a", "b", "c"], 300))})
    model = xgboost.XGBRegressor(enable_categorical=True, **SMALL).fit(data, target() + (data["only"] == "b"))
    assert_same(model, data)
