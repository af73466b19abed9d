"""Boundaries: found to the last bit, in every type of column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from vajra_onnx.frames import infer
from vajra_onnx.parity.boundary import boundaries
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.rows import Rows


class Steps:
    """Counts the thresholds that a column exceeds, and adds them up."""

    def __init__(self, thresholds: dict[Any, Any]) -> None:
        self.thresholds = thresholds

    def predict(self, X: Any) -> np.ndarray:
        total = np.zeros(len(X), np.int64)
        for place, (name, threshold) in enumerate(self.thresholds.items()):
            column = X[name].to_numpy() if hasattr(X, "columns") else X[:, name]
            total += (column > threshold) * 10**place
        return total


def found(model: Any, sample: Any, pairs: int = 40, slowness: float = 0.0, deadline: float = 1e9) -> Rows:
    rows = Rows.of(sample, infer(sample))
    original = Original(model, sample, {"predict": "predict"})
    answers = original.run(rows.raw())["predict"]
    return boundaries(original, rows, answers, "predict", np.random.default_rng(0), pairs, slowness, deadline)


def ends(rows: Rows, name: str) -> np.ndarray:
    place = [f.name for f in rows.fields].index(name)
    return np.unique(rows.values[place][(rows.changed == place) & (rows.labels == "predict")])


@pytest.mark.parametrize("threshold", [0.0, 1e-300, -3.3, 0.1, 1 / 3])
def test_float64_to_the_last_bit(threshold: float) -> None:
    X = np.random.default_rng(0).uniform(-5, 5, size=(100, 3))
    at = ends(found(Steps({1: threshold}), X), "X[1]")
    assert threshold in at
    assert np.nextafter(threshold, np.inf) in at
    assert len(at) == 2


def test_every_type_of_column() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "single": rng.normal(size=200).astype(np.float32),
            "int": rng.integers(-1000, 1000, 200),
            "small": rng.integers(0, 100, 200).astype(np.uint8),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**6, 200), unit="s"),
        }
    )
    moment = np.datetime64("2020-01-05T06:07:08.000001")
    rows = found(Steps({"single": np.float32(0.1), "int": 77, "small": 50, "when": moment}), frame)
    single = np.float32(0.1)
    np.testing.assert_array_equal(ends(rows, "single"), [single, np.nextafter(single, np.float32(1))])
    np.testing.assert_array_equal(ends(rows, "int"), [77, 78])
    np.testing.assert_array_equal(ends(rows, "small"), [50, 51])
    first, second = ends(rows, "when")
    assert first == moment
    assert second - first == np.timedelta64(1, np.datetime_data(first.dtype)[0])


def test_text_that_makes_the_difference_is_kept_on_both_sides() -> None:
    frame = pd.DataFrame({"text": pd.Series(["a", "b"] * 20, dtype=object), "x": np.arange(40.0)})

    class Reader:
        def predict(self, X: Any) -> np.ndarray:
            return np.asarray(X["text"] == "b").astype(np.int64)

    rows = found(Reader(), frame)
    assert set(rows.values[0]) == {"a", "b"}


def test_refused_middles_end_their_own_search_alone() -> None:
    class Whole(Steps):
        def predict(self, X: Any) -> np.ndarray:
            if (X[:, 0] % 1).any():
                raise ValueError("unknown category")
            return super().predict(X)

    X = np.stack([np.arange(50) % 4, np.linspace(0, 1, 50)], axis=1)
    rows = found(Whole({0: 1.5, 1: 0.3}), X)
    assert ends(rows, "X[0]").size == 0
    np.testing.assert_array_equal(ends(rows, "X[1]"), [0.3, np.nextafter(0.3, 1)])


def test_thresholds_of_a_regression_tree() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, y)
    rows = found(model, X, 60)
    rows = rows.take(rows.labels == "predict")
    low, high = rows.take(np.arange(len(rows)) < len(rows) // 2), rows.take(np.arange(len(rows)) >= len(rows) // 2)
    a, b = np.stack(low.values, axis=1), np.stack(high.values, axis=1)
    assert len(a) > 20
    assert ((a != b).sum(axis=1) == 1).all()
    assert (np.nextafter(a, b) == b).all()
    assert (model.predict(a) != model.predict(b)).all()


def test_a_linear_decision_is_found_and_a_smooth_answer_has_no_boundary() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    classifier = LogisticRegression().fit(X, y)
    rows = found(classifier, X)
    rows = rows.take(rows.labels == "predict")
    assert len(rows) > 40
    assert np.abs(classifier.decision_function(np.stack(rows.values, axis=1))).max() < 1e-13
    assert len(found(LinearRegression().fit(X, y), X)) == 0


def test_guards_stand_outside_at_every_distance() -> None:
    X = np.random.default_rng(0).uniform(-5, 5, size=(100, 3))
    rows = found(Steps({1: 0.1}), X)
    guards = rows.values[1][rows.labels == "predict, outside"]
    away = np.unique(np.abs(guards - 0.1))
    typical = np.median(np.abs(X[:, 1]))
    assert away[0] == pytest.approx(16 * np.spacing(typical), rel=0.1)
    assert away[-1] == pytest.approx(2**24 * np.spacing(typical))
    assert (guards < 0.1).sum() == (guards > 0.1).sum()


def test_few_calls_whatever_the_number_of_pairs() -> None:
    calls = 0

    class Counted(Steps):
        def predict(self, X: Any) -> np.ndarray:
            nonlocal calls
            calls += 1
            return super().predict(X)

    found(Counted(dict.fromkeys(range(5), 0.25)), np.random.default_rng(0).normal(size=(200, 20)), 200)
    assert calls < 40


def test_a_slow_original_is_asked_of_few_rows_and_all_the_way() -> None:
    asked = 0

    class Slow(Steps):
        def predict(self, X: Any) -> np.ndarray:
            nonlocal asked
            asked += len(X)
            return super().predict(X)

    sample = np.random.default_rng(0).normal(size=(200, 5))
    rows = found(Slow(dict.fromkeys(range(5), 0.25)), sample, 200, slowness=0.001)
    assert asked < 200 + 70 * 2 * 22
    for place in range(5):
        np.testing.assert_array_equal(ends(rows, f"X[{place}]"), [0.25, np.nextafter(0.25, 1)])


def test_a_deadline_that_has_passed_ends_the_search() -> None:
    X = np.random.default_rng(0).normal(size=(100, 3))
    assert len(found(Steps({1: 0.5}), X, 20, deadline=0.0)) == 0
