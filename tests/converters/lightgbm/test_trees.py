"""How trees decide: boosters, missing types, thresholds near zero, categories in arrays, linear leaves."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from leafwise import (
    CODES,
    DATA,
    ROWS,
    TINY,
    assert_exact,
    at_thresholds,
    classes,
    codes,
    fitted,
    integers,
    numbers,
    proved,
    target,
)
from lightgbm import LGBMClassifier, LGBMRegressor

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

BOOSTERS: dict[str, dict[str, Any]] = {
    "gbdt": {},
    "rf": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "goss": {"data_sample_strategy": "goss", "learning_rate": 0.5},
    "linear": {"linear_tree": True},
    "zero is missing": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
    "extra trees": {"extra_trees": True, "max_depth": 2},
    "from zero": {"boost_from_average": False, "monotone_constraints": [1, 0, 0, -1]},
}


@pytest.mark.parametrize("data", ["numbers", "codes", "sparse"])
@pytest.mark.parametrize("booster", BOOSTERS)
def test_boosters(booster: str, data: str) -> None:
    x = DATA[data]()
    options = {k: v for k, v in BOOSTERS[booster].items() if data != "codes" or k != "monotone_constraints"}
    proved(fitted(LGBMRegressor, x, target(), categorical=data == "codes", **options), x)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("booster", BOOSTERS)
def test_thresholds(booster: str, dtype: type) -> None:
    model = fitted(LGBMRegressor, numbers(dtype=dtype), target(), **BOOSTERS[booster])
    assert_exact(model, at_thresholds(model, numbers(dtype=dtype)))


@pytest.mark.parametrize("booster", ["rf", "linear", "dart", "zero is missing"])
def test_several_classes(booster: str) -> None:
    model = fitted(LGBMClassifier, numbers(), classes(), **BOOSTERS[booster])
    assert_exact(model, at_thresholds(model, numbers()))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "int8", "bool", "float16"])
def test_dtypes_of_arrays(dtype: str) -> None:
    x = (integers(np.int64) % (2**11 if dtype == "float16" else 2**28)).astype(dtype)
    assert_exact(fitted(LGBMRegressor, x, target()), x)


@pytest.mark.parametrize(
    "options", [{}, {"max_cat_to_onehot": 200}, {"max_cat_threshold": 100, "cat_smooth": 0.1}, {"zero_as_missing": True}]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_codes_in_an_array(dtype: type, options: dict[str, Any]) -> None:
    """Fractions are cut towards zero, so that -0.5 is category 0; negative and huge codes belong to no category."""
    model = fitted(LGBMRegressor, codes(), target(), categorical=True, min_data_per_group=2, **options)
    assert "cat_threshold" in model.booster_.model_to_string()
    with np.errstate(over="ignore"):
        assert_exact(model, at_thresholds(model, codes().astype(dtype)))


def test_many_categories() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(0, 5000, 4000), rng.normal(size=4000)]).astype(np.float64)
    options = {"max_cat_threshold": 2000, "min_data_per_group": 1, "cat_smooth": 0.1, "cat_l2": 0.1}
    model = LGBMRegressor(n_estimators=3, num_leaves=5, n_jobs=1, verbose=-1, **options)
    model.fit(x, rng.normal(size=5000)[x[:, 0].astype(int)], categorical_feature=[0])
    assert_exact(model, x)


def test_one_feature_as_numbers_and_as_categories() -> None:
    """Training that goes on with other parameters leaves trees that see a feature in other ways than the first."""
    x = np.abs(np.nan_to_num(codes().round()))
    first = lightgbm.train({"verbose": -1, "num_threads": 1, "num_leaves": 7}, lightgbm.Dataset(x, target()), 3)
    parameters = {"verbose": -1, "num_threads": 1, "num_leaves": 7, "zero_as_missing": True, "min_data_in_leaf": 5}
    data = lightgbm.Dataset(x, target(), categorical_feature=[1, 3], params=parameters)
    second = lightgbm.train(parameters, data, 3, init_model=first)
    assert_exact(second, at_thresholds(second, x))


def test_linear_leaves_add_in_order_and_fall_back_where_a_feature_is_missing() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 4)) * [1, 1e6, 1e-6, 1]
    model = fitted(LGBMRegressor, x, x @ [1, 1e-6, 1e6, -1], linear_tree=True, linear_lambda=0.1, num_leaves=15)
    assert_exact(model, at_thresholds(model, x))
    proved(model, x)


@pytest.mark.parametrize("labels", [np.zeros(ROWS), np.full(ROWS, 3.5)], ids=["zero", "constant"])
@pytest.mark.parametrize("options", [{}, {"linear_tree": True}])
def test_single_leaves(labels: np.ndarray, options: dict[str, Any]) -> None:
    assert_exact(fitted(LGBMRegressor, numbers(), labels, **options), numbers())


def test_one_class_only() -> None:
    assert_exact(fitted(LGBMClassifier, numbers(), np.zeros(ROWS, int)), numbers())


@pytest.mark.parametrize("count", [1, 3])
def test_early_stopping_counts_the_best_rounds(count: int) -> None:
    kind, labels = (LGBMRegressor, target()) if count == 1 else (LGBMClassifier, classes(count))
    model = kind(n_estimators=12, num_leaves=7, n_jobs=1, verbose=-1).fit(numbers(), labels)
    model.booster_.best_iteration = 5
    assert model.booster_.num_trees() == 12 * count
    assert_exact(model, numbers())
    assert_exact(lightgbm.Booster(model_str=model.booster_.model_to_string(num_iteration=4, start_iteration=3)), numbers())


def test_early_stopping_of_predictions_is_refused() -> None:
    model = LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1, pred_early_stop=True).fit(numbers(), classes(2))
    with pytest.raises(UnsupportedError, match="pred_early_stop"):
        assert_exact(model, numbers())


@pytest.mark.parametrize("opset", [17, 20])
def test_older_opsets(opset: int) -> None:
    model = fitted(LGBMClassifier, numbers(), classes())
    certificate = vo.convert(model, numbers(), ["predict", "margin", "apply"], target_opset=opset).certificate
    assert [output.max_ulp for output in certificate.outputs] == [0, 0, 0]


@pytest.mark.parametrize("booster", ["gbdt", "linear", "zero is missing"])
def test_fast_mode(booster: str) -> None:
    assert vo.convert(fitted(LGBMRegressor, numbers(), target(), **BOOSTERS[booster]), numbers(), mode="fast").certificate.passed


VALUES = st.one_of(
    st.sampled_from([*TINY, *CODES, np.nan, np.inf, -np.inf]),
    st.floats(-4, 4, width=16),
    st.integers(-3, 70).map(float),
    st.floats(allow_nan=True, allow_infinity=True),
)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_data(data: st.DataObject) -> None:
    """Data sets of a few distinct values, models of any booster and missing type, and rows of any numbers."""
    values = data.draw(st.lists(VALUES, min_size=2, max_size=12))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = rng.choice(np.array(values, np.float64), (120, 3))
    options = BOOSTERS[data.draw(st.sampled_from([name for name in BOOSTERS if name != "from zero"]))]
    categorical = data.draw(st.sampled_from(["auto", [0], [0, 2]])) if np.nanmax(np.abs(x)) < 1000 else "auto"
    model = LGBMRegressor(**{"n_estimators": 4, "num_leaves": 6, "min_child_samples": 2, "n_jobs": 1, "verbose": -1, **options})
    model.fit(x, rng.normal(size=120), categorical_feature=categorical)
    rows = rng.choice(np.array([*values, *data.draw(st.lists(VALUES, min_size=1, max_size=9))]), (40, 3))
    assert_exact(model, np.concatenate([x, rows, at_thresholds(model, x)[:40]]))
