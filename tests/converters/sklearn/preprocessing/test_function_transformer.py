"""FunctionTransformer against numpy: the identity, and the functions that have an operator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from palmerpenguins import load_penguins
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from vajra_onnx.converters.sklearn.preprocessing.function_transformer import FUNCTIONS
from vajra_onnx.errors import UnsupportedError

PENGUINS = load_penguins()
PERIODIC = (np.sin, np.cos)
EXACT = (np.sqrt, np.square, np.abs, np.negative, np.sign, np.floor, np.ceil, np.rint, np.reciprocal)


def hard(dtype: Any, periodic: bool) -> np.ndarray:
    """Numbers of every size and sign, the special ones included."""
    rng = np.random.default_rng(0)
    largest = 4 if periodic else int(np.log10(np.finfo(dtype).max))
    sizes = 10.0 ** rng.uniform(-largest, largest, 400)
    special = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, 1.0, -1.0, 700.0, -745.0, -40.0, np.nan, 1e-17, -1e-17, -1 + 1e-16]
    values = np.concatenate([sizes, -sizes, special, [] if periodic else [np.inf, -np.inf]])
    return values.astype(dtype)[:, None]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions(function: Any, dtype: Any) -> None:
    data = hard(dtype, function in PERIODIC)
    if function in EXACT:
        assert_same(FunctionTransformer(function).fit(data), data)
    else:
        tolerance = 1e-12 if dtype == np.float64 else 8 * float(np.finfo(np.float32).eps)
        assert_same(FunctionTransformer(function).fit(data), data, rtol=tolerance)


@pytest.mark.parametrize("function", [np.log1p, np.sqrt, np.abs, np.square, np.negative, np.sign], ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_integers(function: Any, dtype: Any) -> None:
    data = pd.DataFrame({"a": np.arange(20, dtype=dtype), "b": np.arange(20, dtype=np.float64)})
    assert_same(FunctionTransformer(function).fit(data), data, rtol=0.0 if function in EXACT else 1e-12)


def test_identity() -> None:
    numbers = PENGUINS[["bill_depth_mm", "year"]]
    for options in ({}, {"validate": False, "feature_names_out": "one-to-one"}):
        assert_same(FunctionTransformer(**options).fit(numbers), numbers)
    assert_same(FunctionTransformer(validate=True).fit(numbers.dropna()), numbers.dropna())
    assert_same(make_pipeline(FunctionTransformer(), OneHotEncoder()).fit(PENGUINS[["sex"]]), PENGUINS[["sex"]])


def test_names_pass_through_to_a_selection() -> None:
    named = FunctionTransformer(np.sqrt, feature_names_out="one-to-one").set_output(transform="pandas")
    model = make_pipeline(named, ColumnTransformer([("s", StandardScaler(), ["year"])]))
    numbers = PENGUINS[["bill_depth_mm", "year"]]
    assert_same(model.fit(numbers), numbers)


def test_sparse() -> None:
    dense = np.array([[0.0, 4.0], [9.0, 0.0]])
    assert_same(FunctionTransformer(np.sqrt, accept_sparse=True).fit(sparse.csr_matrix(dense)), dense)


class Doubler:
    def __call__(self, x: Any) -> Any:
        return 2 * x


@pytest.mark.parametrize(
    ("function", "data", "match"),
    [
        (np.cumsum, np.ones((3, 2)), "numpy.cumsum"),
        (np.nan_to_num, np.ones((3, 2)), "nan_to_num"),
        (lambda x: x + 1, np.ones((3, 2)), "lambda"),
        (Doubler(), np.ones((3, 2)), "Doubler"),
        (np.exp, np.ones((3, 2), bool), "of bool"),
        (np.exp, np.ones((3, 2), np.int8), "of int8"),
        (np.reciprocal, np.ones((3, 2), int), "integers"),
    ],
)
def test_refusals(function: Any, data: np.ndarray, match: str) -> None:
    with pytest.raises(UnsupportedError, match=match):
        converted(FunctionTransformer(function).fit(data), data)


def test_text_is_refused() -> None:
    model = FunctionTransformer(np.log1p)
    with pytest.raises(UnsupportedError, match="of text"):
        converted(model, PENGUINS[["species"]])
    with pytest.raises(UnsupportedError, match="validate=True"):
        converted(FunctionTransformer(validate=True), PENGUINS[["species"]])
    with pytest.raises(UnsupportedError, match="keyword"):
        converted(FunctionTransformer(np.exp, kw_args={"where": True}), np.ones((3, 2)))
