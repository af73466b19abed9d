"""How columns are chosen, put side by side and weighed: compose, Pipeline, FeatureUnion and FunctionTransformer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsTransformer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)
from sweeps.sweep import sweep

from vajra_onnx.errors import ParityError, UnsupportedError
from vajra_onnx.parity.cases import Budget

ROWS = 60
RNG = np.random.default_rng(3)
FLOATS = RNG.normal(size=(ROWS, 4)) * [1.0, 100.0, 1e-3, 5.0]
WHOLE = RNG.integers(-3, 4, (ROWS, 4))
TEXTS = RNG.choice(np.array(["é", "日本", "", "nan", "None"], dtype=object), ROWS)
TARGET = np.abs(FLOATS[:, 0]) + 0.1
FRAME = pd.DataFrame(
    {"a": FLOATS[:, 0], "b": FLOATS[:, 1], "i": WHOLE[:, 0], "flag": WHOLE[:, 1] > 0, "t": TEXTS, "cat": pd.Categorical(TEXTS)}
)
NUMBERS = FRAME[["a", "b", "i", "flag"]]
QUICK = Budget(rows=100, seconds=0.1)
SELECTIONS: dict[str, Any] = {
    "slice of names": slice("a", "i"),
    "slice of places": slice(0, 2),
    "mask": [True, False, True, False],
    "callable": lambda frame: list(frame.columns[:2]),
    "regex": make_column_selector(pattern="^[ab]"),
    "dtype": make_column_selector(dtype_include=np.number),
    "from the end": [-1, 0],
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections(selection: str) -> None:
    for rest in ("drop", "passthrough", MinMaxScaler()):
        model = ColumnTransformer([("s", StandardScaler(), SELECTIONS[selection])], remainder=rest)
        sweep(f"{selection} {rest}", model, NUMBERS, budget=QUICK)


@pytest.mark.parametrize("container", ["default", "pandas", "polars"])
def test_containers(container: str) -> None:
    """Booleans beside numbers make an array of objects, whose missing numbers and whole numbers count as such."""
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    groups = [("s", StandardScaler(), ["a", "b"]), ("o", encoder, ["t", "cat"])]
    weights = {"s": 2.5, "o": 0.1}
    sweep("weights", ColumnTransformer(groups, transformer_weights=weights).set_output(transform=container), FRAME, budget=QUICK)
    sweep("rest", ColumnTransformer(groups, remainder="passthrough").set_output(transform=container), FRAME, budget=QUICK)


@pytest.mark.parametrize("columns", [["i", "flag"], ["i", "flag", "a"]])
def test_booleans_beside_numbers(columns: list[str]) -> None:
    chosen = ColumnTransformer([("p", "passthrough", columns)])
    for after in (None, Binarizer(), StandardScaler(), FunctionTransformer(np.negative, validate=True)):
        sweep(f"{after}", chosen if after is None else make_pipeline(chosen, after), FRAME, budget=QUICK)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_sparse(threshold: float) -> None:
    groups = [("s", StandardScaler(), ["a", "b"]), ("o", OneHotEncoder(handle_unknown="ignore"), ["t"])]
    sweep(
        "frame", ColumnTransformer(groups, sparse_threshold=threshold, remainder=KBinsDiscretizer(2)), FRAME.drop(columns="cat")
    )
    x = scipy.sparse.csr_matrix(np.where(FLOATS > 0, FLOATS, 0))
    sweep("matrix", FeatureUnion([("a", "passthrough"), ("b", Binarizer())], transformer_weights={"a": threshold + 0.5}), x)


@pytest.mark.parametrize("weights", [None, {"a": 2, "b": 0.1}])
@pytest.mark.parametrize("data", [FLOATS, FLOATS.astype(np.float32), WHOLE, WHOLE > 0], ids=lambda x: str(x.dtype))
def test_unions(weights: dict[str, float] | None, data: np.ndarray) -> None:
    inner = FeatureUnion([("x", StandardScaler()), ("y", "passthrough")], transformer_weights={"y": 3})
    model = FeatureUnion([("a", inner), ("b", PCA(2)), ("c", "drop")], transformer_weights=weights)
    sweep(f"{weights}", model, data, budget=QUICK)


FUNCTIONS = (np.sinh, np.cosh, np.arcsinh, np.arctanh, np.exp2, np.cbrt, np.trunc, np.fabs, np.isnan, np.isfinite, np.floor)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions(function: np.ufunc) -> None:
    gaps = np.where(RNG.random((ROWS, 4)) < 0.15, np.nan, FLOATS)
    for data in (gaps, gaps.astype(np.float32), WHOLE):
        sweep(str(data.dtype), FunctionTransformer(function), data, budget=QUICK)


@pytest.mark.parametrize(
    ("function", "inverse"), [(np.arcsinh, np.sinh), (np.log2, np.exp2), (np.tanh, np.arctanh), (np.square, np.cbrt)]
)
def test_targets(function: np.ufunc, inverse: np.ufunc) -> None:
    for y in (TARGET, np.stack([TARGET, 2 * TARGET], axis=1), TARGET.astype(np.float32)):
        model = TransformedTargetRegressor(Ridge(), func=function, inverse_func=inverse, check_inverse=False)
        sweep(f"{y.shape} {y.dtype}", model, FLOATS, y, budget=QUICK)


def test_none_and_nan_among_objects() -> None:
    """Objects may get either: scikit-learn imputes NaN and leaves None, and the graph cannot tell them apart."""
    objects = pd.DataFrame({"objects": pd.Series(FLOATS[:, 0].tolist(), dtype=object)})
    sweep("both are missing numbers", SimpleImputer(), objects)
    with pytest.raises(ParityError, match="None"):
        sweep("None stays", SimpleImputer(strategy="most_frequent"), objects)


def test_stored_zeros_in_front_of_xgboost_are_refused() -> None:
    """XGBoost reads the stored distance 0 of a fitted row as 0 and an absent entry as missing; connectivity stores ones alone."""
    xgboost = pytest.importorskip("xgboost")
    y = (FLOATS[:, 0] > 0).astype(int)
    booster = xgboost.XGBClassifier(n_estimators=3, max_depth=2)
    sweep("ones", make_pipeline(KNeighborsTransformer(n_neighbors=4, mode="connectivity"), booster), FLOATS, y)
    with pytest.raises(UnsupportedError, match="may hold zeros"):
        sweep("distances", make_pipeline(KNeighborsTransformer(n_neighbors=4), booster), FLOATS, y)
