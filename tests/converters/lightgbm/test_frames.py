"""Frames and sparse matrices: columns by name, categories by value, containers that LightGBM reads in other ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
import scipy.sparse
from compare import assert_equal, converted, original
from leafwise import ROWS, TINY, assert_exact, classes, fitted, frame, numbers, proved, sparse, target
from lightgbm import Booster, LGBMClassifier, LGBMRegressor

from vajra_onnx.errors import UnsupportedError


@pytest.mark.parametrize("options", [{}, {"max_cat_to_onehot": 1}, {"zero_as_missing": True}, {"linear_tree": True}])
def test_frame_of_all_dtypes(options: dict[str, Any]) -> None:
    model = fitted(LGBMRegressor, frame(), target() + (frame()["text"] == "x"), **options)
    assert_exact(model, frame())
    assert_exact(model.booster_, frame(), frame(2))


@pytest.mark.parametrize("labels", [classes(2) > 0, np.array(["é", "b", "c"])[classes()]], ids=["bool", "text"])
def test_proof_of_a_frame(labels: np.ndarray) -> None:
    proved(fitted(LGBMClassifier, frame(), labels), frame())


def test_other_frames_are_recoded_by_value() -> None:
    """Values that the training frame lacked are missing, as pandas makes them."""
    model = fitted(LGBMRegressor, frame(), target() + (frame()["text"] == "x"))
    other = frame(3)
    other["text"] = pd.Categorical(np.random.default_rng(0).choice(["x", "new", "z", ""], ROWS), categories=["new", "x", "", "z"])
    other["number"] = pd.Categorical(np.random.default_rng(0).choice([20, 15, 30, -1], ROWS))
    assert_exact(model, other)
    session, _ = converted(model, frame())
    assert_equal(session.run(other)["predict"], original(model, other, "predict"), "predict")
    assert_exact(Booster(model_str=model.booster_.model_to_string()), other)


@pytest.mark.parametrize("values", [[0.5, 2.25, -1.0], [True, False, True]], ids=["floats", "booleans"])
def test_categories_of_other_types(values: list[Any]) -> None:
    data = pd.DataFrame({"c": pd.Categorical(np.array(values)[classes()]), "x": numbers()[:, 3]})
    model = fitted(LGBMRegressor, data, target())
    assert_exact(model, data)
    assert_exact(Booster(model_str=model.booster_.model_to_string()), data)


def test_frames_unlike_the_training_frame_are_refused() -> None:
    model = fitted(LGBMRegressor, frame(), target())
    with pytest.raises(UnsupportedError, match="columns: expected a_b, größe"):
        converted(model, frame()[frame().columns[::-1]])
    with pytest.raises(UnsupportedError, match="expected 7 features, got 6"):
        converted(model, frame().drop(columns="yes"))
    with pytest.raises(UnsupportedError, match="categorical columns: expected 2, as in the training data, got 1"):
        converted(model, frame().assign(number=1))
    with pytest.raises(UnsupportedError, match=r"column 'small'.*got text"):
        converted(model, frame().assign(small="a"))
    with pytest.raises(UnsupportedError, match="looked up in other categories"):
        converted(model, frame().assign(text=frame()["number"], number=frame()["text"]))
    model = fitted(LGBMRegressor, numbers()[:, :1], target())
    with pytest.raises(UnsupportedError, match=r"column 'c'.*keeps no categories"):
        converted(model, pd.DataFrame({"c": frame()["text"]}))


def test_arrays_for_a_model_of_a_frame_and_frames_for_one_of_an_array() -> None:
    data = pd.DataFrame(numbers(), columns=list("abcd"))
    assert_exact(fitted(LGBMRegressor, data, target()).booster_, numbers())
    assert_exact(fitted(LGBMRegressor, numbers(), target()).booster_, data)
    assert_exact(fitted(LGBMRegressor, pd.DataFrame(numbers()), target()), pd.DataFrame(numbers()))


def test_polars_frames_count_as_pandas_frames() -> None:
    """Given polars' own, LightGBM does not take numbers within 1e-35 of zero for zero, and Enum columns end the process."""
    data = pd.DataFrame(numbers(), columns=list("abcd"))
    data["a"] = np.resize(TINY, ROWS)
    model = fitted(LGBMRegressor, data, target() + (data["a"] < 0))
    assert_exact(model, polars.from_pandas(data))


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize("options", [{}, {"zero_as_missing": True}, {"use_missing": False}, {"linear_tree": True}])
@pytest.mark.filterwarnings("ignore:Converting data to scipy sparse matrix")
def test_sparse_matrices(options: dict[str, Any], kind: type) -> None:
    """Absent entries are zeros; numbers within 1e-35 of zero are not, other than in arrays."""
    x = kind(sparse())
    model = fitted(LGBMRegressor, sparse(), target() + (numbers()[:, 0] < 0), **options)
    assert_exact(model, x)
    assert_exact(model, x.astype(np.float32))


def test_sparse_integers_are_refused() -> None:
    model = fitted(LGBMRegressor, sparse(), target())
    with pytest.raises(UnsupportedError, match="a sparse matrix: expected float32 or float64"):
        converted(model, scipy.sparse.csr_matrix(np.eye(4, dtype=int)))
