"""FeatureHasher: keys and texts of Python dicts, hashed; what falls into one column is added up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from ragged import CLASSES, OTHERS, ROWS
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import Pipeline

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError

ORDER = list(dict.fromkeys(key for row in ROWS for key in row))
NO_NONE = [row for row in OTHERS if None not in row.values()]


@pytest.mark.parametrize(
    "options",
    [
        {"n_features": 1000},
        {"n_features": 7},
        {"n_features": 1},
        {"n_features": 12, "alternate_sign": False},
        {"n_features": 50, "dtype": np.float32},
        {"n_features": 50, "dtype": "float32", "alternate_sign": False},
    ],
    ids=str,
)
def test_close_on_every_row(options: dict[str, Any]) -> None:
    """Bit-identical but for the order of three and more numbers in one column, which is that of a row's own keys."""
    model = FeatureHasher(**options)
    in_order = [{key: row[key] for key in ORDER if key in row} for row in ROWS]
    assert_same(model, ROWS, rtol=1e-6 if "dtype" in options else 1e-14, atol=1e-15)
    assert_same(model, in_order)
    session = vo.load(vo.convert(model, in_order))
    np.testing.assert_array_equal(session.run(NO_NONE)["transform"], model.transform(NO_NONE).toarray())


def test_missing_values_are_not_absent_keys() -> None:
    """NaN is a number, also among texts; None has no hash."""
    model = FeatureHasher(16)
    session = vo.load(vo.convert(model, ROWS))
    rows = [{"city": float("nan")}, {"temp": float("nan"), "city": "a"}, {}]
    np.testing.assert_array_equal(session.run(rows)["transform"], model.transform(rows).toarray())
    for nothing in (None, pd.NA):
        with pytest.raises(TypeError):
            model.transform([{"city": nothing}])
        with pytest.raises(InputError, match="missing value"):
            session.run([{"city": nothing}])


def test_zero_is_nothing() -> None:
    rows = [{"x": 0.0, "y": 0, "t": "a"}, {"x": -0.0, "y": 2**53 + 1, "t": ""}, {"x": 5e-324, "y": -1, "t": "0"}]
    assert_same(FeatureHasher(20), rows)
    assert_same(FeatureHasher(20, dtype=np.int64), rows)


def test_integers() -> None:
    rows = [{"x": 2.7, "y": -2.7, "t": "a"}, {"x": -0.5, "y": 1e9, "t": "b"}]
    for dtype in (np.int64, np.int32, int):
        session = assert_same(FeatureHasher(30, dtype=dtype), rows)
        with pytest.raises(InputError, match="cannot hold"):
            session.run([{"x": 1e30}])


def test_texts_alone_are_not_escaped() -> None:
    texts = ["\ufdd0", "\ufdd0nan", "\ufdd0\ufdd0absent", "absent", "nul\0in", "\0", "", "ß", "a=b", "\ufdd0" * 3 + "x\ny"]
    rows = [{"a": text, "ключ": text + "z"} for text in texts]
    assert_same(FeatureHasher(500), rows)


@pytest.mark.parametrize(
    "steps", [[FeatureHasher(2**18), LogisticRegression()], [FeatureHasher(64), SGDClassifier(random_state=0)]]
)
def test_pipelines_are_proved(steps: list[Any]) -> None:
    model = Pipeline([("h", steps[0]), ("m", steps[1])]).fit(ROWS, CLASSES)
    artifact = vo.convert(model, ROWS)
    assert not artifact.certificate.answered
    session = vo.load(artifact)
    np.testing.assert_array_equal(session.run([{}, {"city": "new"}])["predict"], model.predict([{}, {"city": "new"}]))
    with pytest.raises(InputError):  # LogisticRegression refuses NaN
        session.run([{"city": float("nan")}])


def test_refused_by_name() -> None:
    for kind in ("pair", "string"):
        with pytest.raises(UnsupportedError, match="input_type"):
            converted(FeatureHasher(input_type=kind), ROWS)
    with pytest.raises(UnsupportedError, match="2\\*\\*17"):
        converted(FeatureHasher(), ROWS)
    with pytest.raises(UnsupportedError, match="list of dict rows"):
        converted(FeatureHasher(8), np.ones((3, 2)))
