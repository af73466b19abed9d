"""DictVectorizer: rows of Python dicts, with keys that are absent, unknown, missing or shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from ragged import CLASSES, OTHERS, ROWS
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sparse": False},
        {"sort": False, "separator": "::"},
        {"separator": ""},
        {"dtype": np.float32},
        {"dtype": np.float32, "sparse": False},
    ],
    ids=str,
)
def test_bit_identical(options: dict[str, Any]) -> None:
    model = DictVectorizer(**options).fit(ROWS[::2])
    session = assert_same(model, ROWS)
    expected = model.transform(OTHERS)
    got = vo.load(vo.convert(model, ROWS)).run(OTHERS)["transform"]
    np.testing.assert_array_equal(got, expected if isinstance(expected, np.ndarray) else expected.toarray())
    assert not np.signbit(got[2]).any()
    with pytest.raises(InputError, match="missing value"):
        session.run([{"city": pd.NA}])


@pytest.mark.parametrize("dtype", [int, np.int64, np.int32])
def test_integers(dtype: type) -> None:
    rows = [{"x": 2.7, "n": 3, "t": "a"}, {"x": -2.7, "n": 2**31 - 1}, {"x": -(2.0**31), "ok": True}]
    model = DictVectorizer(dtype=dtype).fit(rows)
    session = assert_same(model, rows)
    for value in (2.0**63, float("inf"), -1e19) if dtype is not np.int32 else (2.0**31, -(2.0**31) - 1):
        with pytest.raises(OverflowError):
            model.transform([{"x": value}])
        with pytest.raises(InputError, match="cannot hold"):
            session.run([{"x": value}])


def test_the_key_alone_is_a_feature() -> None:
    """A fit that saw None, or a number, among texts: a missing value is NaN in that column, an absent key is 0."""
    fit = [{"city": "a", "x": 1.0}, {"city": None}, {"city": "b", "x": 2.0}]
    rows = [{"city": "a", "x": 1.0}, {"city": "b"}, {"x": 1.0}, {"city": None}, {"city": float("nan"), "x": 3.0}]
    for options in ({}, {"dtype": np.float32, "sparse": False}):
        assert_same(DictVectorizer(**options).fit(fit), rows)
    session, _ = converted(DictVectorizer(dtype=float).fit(fit), rows)
    assert np.isnan(session.run([{"city": float("nan")}])["transform"]).any()
    with pytest.raises(InputError, match="missing value"):  # float(None) is a TypeError
        session.run([{"city": None}])
    proved = vo.convert(Pipeline([("d", DictVectorizer()), ("m", LogisticRegression())]).fit(ROWS, CLASSES), ROWS)
    assert proved.certificate.passed


def test_two_keys_share_a_feature() -> None:
    rows = [{"a": "b", "a=b": 2.5}, {"a=b": 1.0}, {"a": "b"}, {"a": "c", "a=b": 0.0}]
    assert_same(DictVectorizer(sparse=False).fit(rows), rows)
    with pytest.raises(UnsupportedError, match=r"share the feature 'a=b'"):
        converted(DictVectorizer().fit(rows), rows)
    texts = [{"a": "b=c", "a=b": "c"}, {"a": "x", "a=b": "y"}]
    assert_same(DictVectorizer(sparse=False).fit(texts), texts)


def test_features_that_the_sample_does_not_have() -> None:
    model = DictVectorizer().fit([*ROWS, {"rare": 1.0, "other": "x"}])
    session = assert_same(model, ROWS)
    for row in ({"rare": 1.0}, {"other": "x"}, {"CITY": "Paris"}, {1: 2.0}):
        with pytest.raises(InputError, match="unexpected"):
            session.run([row])
    for elsewhere in (DictVectorizer(), DictVectorizer(dtype=int)):
        assert_same(elsewhere.fit([{"elsewhere": 1}]), ROWS)
        assert_same(elsewhere, [{"x": 1e300}, {"x": -1.0}])
    restricted = DictVectorizer().fit(ROWS)
    assert_same(restricted.restrict([0, 3, 5], indices=True), ROWS)


@pytest.mark.parametrize(
    "steps",
    [
        [DictVectorizer(), LogisticRegression()],
        [DictVectorizer(sparse=False), StandardScaler(), LogisticRegression()],
        [DictVectorizer(), MaxAbsScaler(), DecisionTreeClassifier(random_state=0)],
        [DictVectorizer(), RandomForestClassifier(5, random_state=0)],
        [DictVectorizer(sparse=False), XGBClassifier(n_estimators=3)],
        [FeatureUnion([("d", DictVectorizer()), ("h", FeatureHasher(8))]), DecisionTreeClassifier(random_state=0)],
    ],
    ids=lambda steps: "-".join(type(step).__name__ for step in steps),
)
def test_pipelines_are_proved(steps: list[Any]) -> None:
    model = Pipeline([(str(i), step) for i, step in enumerate(steps)]).fit(ROWS, CLASSES)
    artifact = vo.convert(model, ROWS)
    assert artifact.certificate.rows_by_kind["missing"]
    assert not artifact.certificate.answered.get("missing")
    rows = [{"city": "unseen", "n": 3}, {}, {"ok": True, "kind": "a", "temp": 0.5}]
    session = vo.load(artifact)
    for batch in (rows, *([row] for row in rows)):
        np.testing.assert_array_equal(session.run(batch)["predict"], model.predict(batch))
    with pytest.raises(InputError, match=r"missing value"):
        session.run([{"temp": float("nan")}] if steps[-1].__class__ is LogisticRegression else [{"city": pd.NA}])


def test_meta_estimators_hand_the_dicts_on() -> None:
    inner = Pipeline([("d", DictVectorizer()), ("m", LogisticRegression())])
    search = GridSearchCV(inner, {"m__C": [0.1, 1.0]}, cv=2)
    assert vo.convert(search.fit(ROWS, CLASSES), ROWS).certificate.passed
    assert vo.convert(CalibratedClassifierCV(inner, cv=2, ensemble=False).fit(ROWS, CLASSES), ROWS).certificate.passed


def test_stored_zeros_are_no_missing_values() -> None:
    """XGBoost reads what a sparse matrix does not store as missing, and a number that is 0 is stored."""
    model = Pipeline([("d", DictVectorizer()), ("m", XGBClassifier(n_estimators=3))]).fit(ROWS, CLASSES)
    with pytest.raises(UnsupportedError):
        converted(model, ROWS)


def test_selection_of_sparse_columns() -> None:
    rows = [{key: value for key, value in row.items() if key != "temp"} for row in ROWS]
    model = Pipeline([("d", DictVectorizer()), ("k", SelectKBest(chi2, k=4))]).fit(rows, CLASSES)
    assert_same(model, rows)


@pytest.mark.parametrize("frame", [pd.DataFrame, lambda rows: pd.DataFrame(rows).astype({"city": "category", "kind": "str"})])
def test_a_frame_stands_for_its_records(frame: Any) -> None:
    rows = [
        {"temp": 1.0, "city": "a", "kind": "x"},
        {"temp": 2.5, "city": "b", "kind": "y"},
        {"temp": 0.0, "city": "", "kind": "x"},
    ]
    model = DictVectorizer().fit(rows)
    artifact = vo.convert(model, frame(rows))
    session = vo.load(artifact)
    expected = model.transform(rows).toarray()
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for data in (rows, frame(rows), pd.DataFrame(rows), columns):
        np.testing.assert_array_equal(session.run(data)["transform"], expected)
    np.testing.assert_array_equal(session.run([{"temp": 2.0}])["transform"], model.transform([{"temp": 2.0}]).toarray())
    with pytest.raises(InputError, match="columns differ"):
        session.run({"temp": [1.0, 2.0], "city": ["a", "b"]})


def test_refused_by_name() -> None:
    model = DictVectorizer().fit(ROWS)
    for value in (["a"], {"a": 1}, ("a",), b"a"):
        with pytest.raises(ValueError, match="kind"):
            vo.convert(model, [{"tags": value, "n": 1}, {"tags": "a", "n": 2}])
    with pytest.raises(UnsupportedError, match="datetimes"):
        vo.convert(model, [{"city": "a", "when": np.datetime64("2020-01-01")}])
    with pytest.raises(UnsupportedError, match="list of dict rows"):
        vo.convert(model, np.ones((3, 2)))
    with pytest.raises(UnsupportedError, match="not text"):
        vo.convert(DictVectorizer().fit([{1: 2.0}]), ROWS)
    with pytest.raises(ValueError, match=r"a key of a row: expected text, got 1"):
        vo.convert(model, [{1: 2.0}])
    with pytest.raises(UnsupportedError, match="dtype"):
        vo.convert(DictVectorizer(dtype=np.uint8).fit(ROWS), ROWS)
    with pytest.raises(UnsupportedError, match="no columns"):
        vo.convert(DictVectorizer().fit([{}]), ROWS)
    with pytest.raises(ValueError, match="without any key"):
        vo.convert(model, [{}, {}])
    session, _ = converted(model, ROWS)
    for value in (["a"], {"a": 1}, b"a", 5):
        with pytest.raises(InputError):
            session.run([{"city": value}, {"city": "a"}])
    # Other models have columns, and a row without one of them is a mistake.
    scaled = Pipeline([("s", StandardScaler())]).fit(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 3.0]}))
    with pytest.raises(InputError, match="rows differ"):
        vo.convert(scaled, [{"x": 1.0, "y": 1.0}, {"x": 2.0}])
