"""Stacks: what each estimator contributes, and what the final one makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, StackingRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge, RidgeClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, StandardScaler
from sweeps.sweep import available

from vajra_onnx.parity.original import quiet

BINARY = load_breast_cancer(return_X_y=True)
THREE = load_wine(return_X_y=True)
ALL = ["predict", "predict_proba", "decision_function", "transform"]


def scaled(data: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Few columns; labels are text that sorts otherwise than the numbers."""
    return StandardScaler().fit_transform(data[0])[:, :4], np.array(["c", "a", "b"])[data[1]]


@pytest.mark.parametrize("data", [BINARY, THREE], ids=["binary", "three"])
@pytest.mark.parametrize("method", ["auto", "decision_function", "predict"])
@pytest.mark.parametrize("passthrough", [False, True])
def test_classifier(data: tuple[np.ndarray, np.ndarray], method: str, passthrough: bool) -> None:
    x, y = scaled(data)
    estimators = [("lr", LogisticRegression()), ("gone", "drop"), ("p", Perceptron(random_state=0))]
    final = make_pipeline(MinMaxScaler(), LogisticRegression())
    model = StackingClassifier(estimators, final_estimator=final, stack_method=method, passthrough=passthrough, cv=2)
    assert_same(model.fit(x, y), x, None, ALL, rtol=1e-11, atol=1e-13)


def test_prefit() -> None:
    x, y = scaled(THREE)
    fitted = [("a", LogisticRegression().fit(x, y)), ("b", LogisticRegression(C=0.01).fit(x, y))]
    assert_same(StackingClassifier(fitted, cv="prefit").fit(x, y), x, None, ALL, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("passthrough", [False, True])
def test_regressor(passthrough: bool) -> None:
    x, y = load_diabetes(return_X_y=True)
    estimators = [("a", Ridge()), ("b", make_pipeline(StandardScaler(), Ridge(100.0)))]
    model = StackingRegressor(estimators, final_estimator=Ridge(), passthrough=passthrough, cv=2).fit(x, y)
    assert_same(model, x, None, ["predict", "transform"], rtol=1e-12)


def test_passthrough_of_a_mixed_frame() -> None:
    x, y = scaled(BINARY)
    frame = pd.DataFrame({"a": x[:, 0].astype(np.float32), "n": (9 * x[:, 1]).astype(np.int64), "flag": x[:, 2] > 0})
    for columns in (["a", "n", "flag"], ["a", "flag"], ["a"]):
        model = StackingClassifier([("lr", LogisticRegression())], passthrough=True, cv=2).fit(frame[columns], y)
        assert_same(model, frame[columns], None, ["predict", "predict_proba"], rtol=1e-5, atol=1e-6)


def test_passthrough_of_sparse_columns() -> None:
    x, y = scaled(BINARY)
    stack = StackingClassifier([("lr", LogisticRegression())], passthrough=True, cv=2)
    model = make_pipeline(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), stack).fit(x, y)
    assert_same(model, x, None, ALL, rtol=1e-11, atol=1e-13)


SEVERAL: list[tuple[Any, set[str]]] = [
    (KNeighborsClassifier(3), {"predict", "predict_proba", "transform"}),
    (MLPClassifier(4, max_iter=20, random_state=0), {"predict", "transform"}),  # its probabilities are one array
    (RidgeClassifier(), {"predict", "decision_function", "transform"}),
    (ClassifierChain(LogisticRegression()), {"decision_function", "transform"}),  # its labels are floats
]


@pytest.mark.parametrize(("final", "outputs"), SEVERAL, ids=[type(f).__name__ for f, _ in SEVERAL])
@pytest.mark.parametrize("targets", [2, 3])
def test_several_targets(final: Any, outputs: set[str], targets: int) -> None:
    """Of an array of probabilities scikit-learn drops the first column where there happen to be two targets."""
    x, y = scaled(THREE)
    labels = np.stack([y == "a", x[:, 0] > 0, x[:, 1] > 1], axis=1)[:, :targets]
    members = [RandomForestClassifier(3, random_state=0), MLPClassifier(4, max_iter=20, random_state=0), RidgeClassifier()]
    model = StackingClassifier([(type(m).__name__, m) for m in members], final, cv=2, passthrough=targets == 3)
    with quiet():
        model.fit(x, labels)
    assert set(available(model, x)) == outputs
    assert_same(model, x, None, sorted(outputs), rtol=1e-11, atol=1e-13)
