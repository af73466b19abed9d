"""The original: its container, its refusals, its silence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import OneHotEncoder

from vajra_onnx.frames import infer, read
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.rows import Rows


class Refuses:
    """Refuses the rows whose first value is in a set; counts its calls and warns at each."""

    def __init__(self, refused: set[float]) -> None:
        self.refused, self.calls = refused, 0

    def predict(self, X: Any) -> np.ndarray:
        self.calls += 1
        warnings.warn("adversarial", stacklevel=2)
        if self.refused & set(X[:, 0]):
            raise ValueError("refused")
        return np.asarray(X[:, 0] / 0)


def rows_of(sample: Any) -> Rows:
    return Rows.of(sample, infer(sample))


def test_refused_rows_are_found_with_few_calls() -> None:
    sample = np.arange(1000.0)[:, None] @ np.ones((1, 2))
    model = Refuses({3.0, 500.0, 999.0})
    answers = Original(model, sample, {"predict": "predict"}).answer(rows_of(sample))
    assert sorted(answers.refused.values[0]) == [3.0, 500.0, 999.0]
    assert len(answers.rows) == len(answers.index) == len(answers.outputs["predict"]) == 997
    np.testing.assert_array_equal(answers.rows.values[0], sample[answers.index, 0])
    assert model.calls < 80


def test_a_model_that_refuses_everything_is_not_asked_for_ever() -> None:
    sample = np.arange(5000.0)[:, None] @ np.ones((1, 2))
    model = Refuses(set(range(5000)))
    answers = Original(model, sample, {"predict": "predict"}).answer(rows_of(sample))
    assert len(answers.rows) == 0
    assert answers.outputs == {}
    assert model.calls < 200


def test_the_container_and_its_dtypes_are_rebuilt() -> None:
    sample = pd.DataFrame({"a b": [1, 2], "c": pd.Series(["x", None], dtype="string"), "d": [1.5, np.nan]})

    class Echo:
        def predict(self, X: Any) -> np.ndarray:
            assert list(X.dtypes) == list(sample.dtypes)
            assert list(X.columns) == ["a b", "c", "d"]
            return np.arange(len(X))

    original = Original(Echo(), sample, {"label": "predict"})
    assert original.run(read(sample))["label"].tolist() == [0, 1]
    assert original.run(rows_of(sample).raw())["label"].tolist() == [0, 1]
    assert original.seconds > 0


def test_numbered_outputs_are_items_of_one_call() -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    Y = (X[:, :2] > 0).astype(int)
    model = RandomForestClassifier(3, random_state=0).fit(X, Y)
    answers = Original(model, X, {"p_0": "predict_proba_0", "p_1": "predict_proba_1"}).run(X)
    np.testing.assert_array_equal(answers["p_1"], model.predict_proba(X)[1])


def test_sparse_answers_become_dense() -> None:
    X = np.array([["a"], ["b"]], object)
    answers = Original(OneHotEncoder().fit(X), X, {"transform": "transform"}).run(X)
    np.testing.assert_array_equal(answers["transform"], np.eye(2))


def test_a_sparse_sample_is_given_sparse_rows() -> None:
    class Sparse:
        def predict(self, X: Any) -> np.ndarray:
            assert isinstance(X, csr_matrix)
            return np.asarray(X.sum(axis=1)).ravel()

    sample = csr_matrix(np.eye(3))
    answers = Original(Sparse(), sample, {"predict": "predict"}).run(rows_of(sample).raw())
    np.testing.assert_array_equal(answers["predict"], np.ones(3))


def test_what_the_original_raises_comes_through_run() -> None:
    sample = np.zeros((2, 2))
    with pytest.raises(ValueError, match="refused"):
        Original(Refuses({0.0}), sample, {"predict": "predict"}).run(sample)


class Mixed:
    """What numpy makes of a frame that has floats and booleans."""

    def transform(self, X: Any) -> np.ndarray:
        return np.stack([X[:, 0], X[:, 1] > 0], axis=1).astype(object)


def test_objects_that_are_numbers_are_compared_as_numbers() -> None:
    sample = np.arange(6.0).reshape(3, 2)
    answer = Original(Mixed(), sample, {"transform": "transform"}).run(rows_of(sample).raw())["transform"]
    assert answer.dtype == np.float64
    np.testing.assert_array_equal(answer[:, 0], sample[:, 0])
