"""SGD models: every loss that changes the outputs, normalisation corner cases included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, tolerance
from sklearn.linear_model import PassiveAggressiveClassifier, Perceptron, SGDClassifier, SGDOneClassSVM

from vajra_onnx.converters.registry import convert
from vajra_onnx.frames import infer
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import building

PROBABILISTIC = ["predict", "decision_function", "predict_proba", "predict_log_proba"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_losses_with_probabilities(loss: str, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    model = SGDClassifier(loss=loss, alpha=0.1, random_state=0).fit(x, y)
    assert_same(model, x, outputs=PROBABILISTIC, **tolerance(x))


@pytest.mark.parametrize("scale", [10.0, 1e4])
@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
def test_rows_without_any_positive_class_are_uniform(loss: str, scale: float) -> None:
    x, y = classification("float64")
    model = SGDClassifier(loss=loss, alpha=0.1, random_state=0).fit(x, y)
    model.intercept_ = model.intercept_ - scale
    with np.errstate(over="ignore"):
        assert (model.predict_proba(x) == 1 / 3).all(axis=1).any() == (scale == 1e4 or loss == "modified_huber")
        assert_same(model, x, outputs=["predict", "predict_proba"], rtol=1e-10 if scale == 1e4 else 1e-12)


@pytest.mark.parametrize("labels", ["binary-string", "multi"])
@pytest.mark.parametrize("loss", ["hinge", "squared_hinge", "perceptron", "squared_error", "huber"])
def test_losses_without_probabilities(loss: str, labels: str) -> None:
    x, y = classification("float64", labels)
    model = SGDClassifier(loss=loss, alpha=0.1, eta0=1e-4, learning_rate="adaptive", random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function"], rtol=1e-12, atol=1e-13)
    assert methods(model, x) == {"predict", "decision_function"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", ["binary", "multi-string"])
def test_perceptron(labels: str, form: str) -> None:
    x, y = classification(form, labels)
    model = Perceptron(random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function"], **tolerance(x))
    assert methods(model, x) == {"predict", "decision_function"}


@pytest.mark.parametrize("labels", ["binary", "multi-string"])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_passive_aggressive(labels: str) -> None:
    x, y = classification("float64", labels)
    model = PassiveAggressiveClassifier(random_state=0).fit(x, y)
    assert_same(model, x, outputs=["predict", "decision_function"], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_one_class_svm(form: str, fit_intercept: bool) -> None:
    x, _ = classification(form)
    model = SGDOneClassSVM(nu=0.3, random_state=0, fit_intercept=fit_intercept).fit(x)
    assert_same(model, x, outputs=["predict", "decision_function", "score_samples"], **tolerance(x))


def methods(model: Any, x: Any) -> set[str]:
    """What the converter offers."""
    with building():
        _, block = block_of(infer(x), frame=False)
        return set(convert(model, block))
