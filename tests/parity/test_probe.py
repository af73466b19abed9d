"""What the original accepts, column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from vajra_onnx.errors import ParityError
from vajra_onnx.frames import infer
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.probe import probe
from vajra_onnx.schema import Column

X, Y = load_iris(return_X_y=True)


def probed(model: Any, sample: Any) -> dict[str, Column]:
    return {c.name: c for c in probe(Original(model, sample, {"predict": "predict"}), infer(sample))}


def test_a_strict_model_takes_neither_missing_nor_infinite() -> None:
    (column,) = probed(LogisticRegression(max_iter=1000).fit(X, Y), X).values()
    assert (column.nullable, column.finite) == (False, True)


def test_a_lenient_model_takes_both() -> None:
    (column,) = probed(HistGradientBoostingClassifier(max_iter=3).fit(X, Y), X).values()
    assert (column.nullable, column.finite) == (True, False)


def test_columns_differ() -> None:
    frame = pd.DataFrame(
        {
            "imputed": X[:, 0],
            "strict": X[:, 1],
            "integer": np.arange(150),
            "text": pd.Series(list("ab") * 75, dtype=object),
            "picky": pd.Series(list("cd") * 75, dtype=object),
        }
    )
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["imputed"]),
        ("passthrough", ["strict", "integer"]),
        (OneHotEncoder(handle_unknown="ignore"), ["text"]),
        (OneHotEncoder(), ["picky"]),
    )
    found = probed(make_pipeline(prepare, LogisticRegression(max_iter=5000)).fit(frame, Y), frame)
    assert {name for name, c in found.items() if c.nullable} == {"imputed", "text"}
    assert {name for name, c in found.items() if c.finite} == {"imputed", "strict"}


def test_an_array_is_nullable_when_its_sample_has_missing_values() -> None:
    sample = X.copy()
    sample[3, 0] = np.nan
    prepare = make_column_transformer((SimpleImputer(), [0]), remainder="passthrough")
    model = make_pipeline(prepare, LogisticRegression(max_iter=1000)).fit(sample, Y)
    (column,) = probed(model, sample).values()
    assert column.nullable
    (column,) = probed(model, X).values()
    assert not column.nullable


def test_a_model_that_refuses_the_whole_sample_is_named() -> None:
    model = LogisticRegression(max_iter=1000).fit(X[:, :2], Y)
    with pytest.raises(ParityError, match="refuses every row of the sample: got ValueError: X has 4 features"):
        probed(model, X)
