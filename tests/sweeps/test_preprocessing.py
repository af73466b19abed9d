"""Parameters of the preprocessing transformers and imputers that change what they answer, on data of several kinds."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sweeps.sweep import sweep

ROWS = 60
RNG = np.random.default_rng(1)
FLOATS = RNG.normal(size=(ROWS, 3)) * [1.0, 100.0, 1e-3]
WHOLE = RNG.integers(-3, 4, (ROWS, 3))
GAPS = np.where(RNG.random((ROWS, 3)) < 0.15, np.nan, FLOATS)
TEXTS = RNG.choice(np.array(["é", "日本", "", "nan", "None"], dtype=object), ROWS)


def with_gaps(values: Any, missing: Any) -> np.ndarray:
    """Every seventh value replaced, as objects."""
    array = np.array(values, dtype=object)
    array[::7] = missing
    return array


NUMBERS: dict[str, Any] = {
    "float64": FLOATS,
    "float32 with gaps": GAPS.astype(np.float32),
    "int": WHOLE,
    "bool": WHOLE > 0,
    "nullable": pd.DataFrame({"a": pd.array(with_gaps(WHOLE[:, 0], None), "Int64"), "b": pd.array(FLOATS[:, 0], "Float64")}),
}
CATEGORIES: dict[str, Any] = {
    "None": pd.DataFrame({"text": with_gaps(TEXTS, None), "whole": WHOLE[:, 0]}),
    "nan": pd.DataFrame({"text": with_gaps(TEXTS, np.nan), "bool": WHOLE[:, 0] > 0}),
    "string": pd.DataFrame({"text": TEXTS}).astype("string"),
    "category": pd.DataFrame({"text": pd.Categorical(with_gaps(TEXTS, np.nan)), "whole": pd.Categorical(WHOLE[:, 1])}),
    "Int64": pd.DataFrame({"whole": pd.array(with_gaps(WHOLE[:, 0], None), "Int64")}),
    "boolean": pd.DataFrame({"bool": pd.array(with_gaps(WHOLE[:, 0] > 0, None), "boolean")}),
    "float32": pd.DataFrame({"float": np.where(WHOLE[:, 0] > 1, np.nan, WHOLE[:, 1] / 5).astype(np.float32)}),
}


@pytest.mark.parametrize("kind", CATEGORIES)
@pytest.mark.parametrize("unknown", ["error", "ignore", "infrequent_if_exist"])
def test_one_hot(kind: str, unknown: str) -> None:
    groups: tuple[dict[str, Any], ...] = (
        {},
        {"min_frequency": 8, "dtype": np.int8},
        {"max_categories": 3, "sparse_output": False},
    )
    for drop, options in zip((None, "first", "if_binary"), groups, strict=True):
        sweep(f"{kind} {unknown} {drop}", OneHotEncoder(handle_unknown=unknown, drop=drop, **options), CATEGORIES[kind])


@pytest.mark.parametrize("kind", CATEGORIES)
def test_ordinal(kind: str) -> None:
    for value, missing, groups in product((-1, np.nan), (np.nan, 50), ({}, {"max_categories": 3})):
        model = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=value, encoded_missing_value=missing, **groups)
        sweep(f"{kind} {model}", model, CATEGORIES[kind])


@pytest.mark.parametrize("extrapolation", ["constant", "linear", "continue", "periodic", "error"])
@pytest.mark.parametrize("missing", ["zeros", "error"])
def test_splines(extrapolation: str, missing: str) -> None:
    for degree, sparse in ((0, False), (0, True), (1, False), (3, True)):
        batchwise = sparse and missing == "zeros" and extrapolation in ("continue", "error", "periodic")
        if batchwise or (degree == 0 and extrapolation == "periodic"):
            continue  # refused, or beyond scikit-learn itself
        options = {"extrapolation": extrapolation, "handle_missing": missing, "sparse_output": sparse}
        x = GAPS if missing == "zeros" else FLOATS
        sweep(f"degree={degree} {options}", SplineTransformer(n_knots=4, degree=degree, include_bias=sparse, **options), x)


@pytest.mark.parametrize("degree", [0, 2, (0, 0), (2, 3)])
@pytest.mark.parametrize("interaction_only", [False, True])
def test_polynomials(degree: Any, interaction_only: bool) -> None:
    for kind in ("float64", "int", "bool"):
        sweep(f"{degree} {kind}", PolynomialFeatures(degree, interaction_only=interaction_only), NUMBERS[kind])


@pytest.mark.parametrize("kind", NUMBERS)
def test_scaled(kind: str) -> None:
    for unit, centered in product((False, True), (False, True)):
        model = RobustScaler(with_centering=centered, unit_variance=unit, quantile_range=(5.0, 80.0))
        sweep(f"{kind} {model}", model, NUMBERS[kind])


@pytest.mark.parametrize("output", ["uniform", "normal"])
@pytest.mark.parametrize("ignored", [False, True])
def test_quantiles_of_a_sparse_matrix(output: str, ignored: bool) -> None:
    x = scipy.sparse.random(ROWS, 4, 0.4, format="csr", random_state=0)
    sweep(output, QuantileTransformer(n_quantiles=20, output_distribution=output, ignore_implicit_zeros=ignored), x)


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
def test_bins(encode: str) -> None:
    for strategy, kind in product(("uniform", "quantile", "kmeans"), ("float64", "int")):
        sweep(f"{strategy} {kind}", KBinsDiscretizer(3, encode=encode, strategy=strategy), NUMBERS[kind])


@pytest.mark.parametrize("missing", [0, -1])
def test_other_missing_values(missing: int) -> None:
    for strategy, indicator in product(("mean", "median", "most_frequent"), (False, True)):
        sweep(strategy, SimpleImputer(missing_values=missing, strategy=strategy, add_indicator=indicator), WHOLE)


@pytest.mark.parametrize("values", [WHOLE[:, 0], WHOLE[:, 0] > 0])
def test_numbers_held_as_objects(values: np.ndarray) -> None:
    sweep(str(values.dtype), SimpleImputer(), pd.DataFrame({"objects": pd.Series(with_gaps(values, None), dtype=object)}))


MASKED: dict[str, Any] = {
    "Float32": pd.DataFrame(FLOATS.astype(np.float32), columns=list("abc")).astype("Float32"),
    "Int64": pd.DataFrame({"a": pd.array(WHOLE[:, 0], "Int64"), "b": pd.array(WHOLE[:, 1], "Int64")}),
    "beside float32": pd.DataFrame(
        {"a": pd.array(WHOLE[:, 0], "Int8"), "b": pd.array(WHOLE[:, 0] > 0, "boolean"), "c": FLOATS[:, 0].astype(np.float32)}
    ),
}


@pytest.mark.parametrize("kind", MASKED)
def test_nullable_dtypes_compute_in_float64(kind: str) -> None:
    for model in (StandardScaler(), SimpleImputer(strategy="most_frequent"), OrdinalEncoder(), VarianceThreshold()):
        sweep(f"{kind} {model}", model, MASKED[kind].iloc[[*range(30), *range(15)]].reset_index(drop=True))


@pytest.mark.parametrize("strategy", ["constant", "most_frequent"])
def test_sparse_imputed_with_zero(strategy: str) -> None:
    x = scipy.sparse.csr_matrix(np.where(np.isnan(GAPS), np.nan, np.where(GAPS > 0, GAPS, 0)))
    sweep(strategy, SimpleImputer(strategy=strategy, fill_value=0), x)


@pytest.mark.parametrize("order", ["ascending", "roman"])
def test_iterative(order: str) -> None:
    for start, nearest in product(("mean", "constant"), (None, 2)):
        model = IterativeImputer(
            Ridge(), max_iter=2, imputation_order=order, initial_strategy=start, n_nearest_features=nearest, random_state=0
        )
        sweep(start, model, GAPS)
