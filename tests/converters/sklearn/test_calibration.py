"""Calibrated probabilities: every method, several classifiers or one, two classes or more, and rows without any."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

BINARY = load_breast_cancer(return_X_y=True)
THREE = load_wine(return_X_y=True)
METHODS = ["sigmoid", "isotonic", "temperature"]


def scaled(data: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Few columns, so that the classes overlap; labels are text."""
    return StandardScaler().fit_transform(data[0])[:, :3], np.array(["no", "perhaps", "yes"])[data[1]]


def steepest(model: CalibratedClassifierCV) -> float:
    """The largest slope of the isotonic lines: it multiplies the last bit in which the scores differ."""
    if model.method != "isotonic":
        return 1.0
    lines = [c for each in model.calibrated_classifiers_ for c in each.calibrators if len(c.X_thresholds_) > 1]
    return float(max((np.diff(c.y_thresholds_) / np.diff(c.X_thresholds_)).max() for c in lines))


@pytest.mark.parametrize("data", [BINARY, THREE], ids=["binary", "three"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_calibration(data: tuple[np.ndarray, np.ndarray], method: str, ensemble: bool, kind: type) -> None:
    x, y = scaled(data)
    model = CalibratedClassifierCV(LogisticRegression(), method=method, ensemble=ensemble, cv=3).fit(x.astype(kind), y)
    tolerance = 1e-12 if kind is np.float64 else 1e-4
    assert_same(model, x.astype(kind), rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize("data", [BINARY, THREE], ids=["binary", "three"])
@pytest.mark.parametrize("method", METHODS)
def test_frozen_and_far_away(data: tuple[np.ndarray, np.ndarray], method: str) -> None:
    x, y = scaled(data)
    frozen = FrozenEstimator(make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y))
    model = CalibratedClassifierCV(frozen, method=method).fit(x, y)
    assert_same(model, x, np.concatenate([x, 20 * x, -20 * x]), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", [BINARY, THREE], ids=["binary", "three"])
def test_classifier_without_a_decision_function(data: tuple[np.ndarray, np.ndarray], method: str) -> None:
    """A voting classifier has probabilities only; `temperature` takes their logarithm."""
    x, y = scaled(data)
    voting = VotingClassifier([("a", LogisticRegression()), ("b", LogisticRegression(C=0.01))], voting="soft")
    model = CalibratedClassifierCV(voting, method=method, cv=2).fit(x, y)
    assert_same(model, x, rtol=1e-12, atol=1e-15 * steepest(model))


def test_ten_classes_of_which_none_is_likely() -> None:
    """Isotonic regression gives zero for every class on some rows: the answer is the uniform distribution."""
    x, y = load_digits(return_X_y=True)
    x, y = x[:400], y[:400]
    model = CalibratedClassifierCV(LogisticRegression(max_iter=2000), method="isotonic", cv=2).fit(x, y)
    strange = np.random.default_rng(0).permutation(x.ravel()).reshape(x.shape)
    assert (model.calibrated_classifiers_[0].predict_proba(strange) == 0.1).all(axis=1).any()
    assert_same(model, x, np.concatenate([x, strange]), rtol=1e-11, atol=1e-13)


def test_a_fold_that_saw_only_two_of_three_classes() -> None:
    x, y = scaled(THREE)
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    third = len(y) // 3
    folds = [(np.arange(2 * third - 10), np.arange(2 * third - 10, len(y))), (np.arange(third, len(y)), np.arange(third))]
    model = CalibratedClassifierCV(LogisticRegression(), method="sigmoid", cv=folds).fit(x, y)
    assert_same(model, x, rtol=1e-12, atol=1e-14)
