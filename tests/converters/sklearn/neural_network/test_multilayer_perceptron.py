"""MLPs: activations, output layers, kinds of targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, regression, tolerance
from sklearn.neural_network import MLPClassifier, MLPRegressor

OUTPUTS = ["predict", "predict_proba", "predict_log_proba"]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(kind: Any, **parameters: Any) -> Any:
    return kind(**{"hidden_layer_sizes": (7, 5), "max_iter": 20, "random_state": 0, "solver": "lbfgs", **parameters})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
def test_every_form_of_data_and_labels(labels: str, form: str) -> None:
    x, y = classification(form, labels)
    assert_same(small(MLPClassifier, alpha=1.0).fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("labels", ["binary", "multi-string"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("layers", [(4,), (), (3, 4, 5)])
def test_activations_and_depths(layers: tuple[int, ...], activation: str, labels: str) -> None:
    x, y = classification("float64", labels)
    model = small(MLPClassifier, hidden_layer_sizes=layers, activation=activation, alpha=1.0)
    assert_same(model.fit(x / 3, y), x / 3, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
def test_multilabel(form: str) -> None:
    x, y = classification(form)
    model = small(MLPClassifier, alpha=1.0).fit(x, np.stack([y == 0, y > 0, y == 2], axis=1).astype(int))
    assert_same(model, x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_regression(activation: str, form: str, targets: int) -> None:
    x, y = regression(form, targets)
    assert_same(small(MLPRegressor, activation=activation).fit(x, y / 100), x, **tolerance(x))


def test_poisson_regression_ends_in_exp() -> None:
    x, y = regression("float64")
    model = small(MLPRegressor, loss="poisson", solver="adam").fit(x, np.exp(y / 300))
    assert model.out_activation_ == "exp"
    assert_same(model, x, **tolerance(x))
