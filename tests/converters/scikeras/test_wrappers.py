"""SciKeras' wrappers inside scikit-learn's pipelines."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")
pytest.importorskip("scikeras", reason="SciKeras is not installed: make test-keras")

import keras
import numpy as np
from compare import assert_same
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import vajra_onnx as vo

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
CLASSES = np.array(["a", "b", "ä"])[RNG.integers(3, size=60)]
SEVERAL = RNG.integers(2, size=(60, 3))

pytestmark = pytest.mark.filterwarnings("ignore")


def network(units, activation):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(units, activation)])


def classifier(units, activation, loss):
    return KerasClassifier(network(units, activation), loss=loss, epochs=2, verbose=0)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (classifier(3, "softmax", "sparse_categorical_crossentropy"), CLASSES),
        (classifier(3, "softmax", "categorical_crossentropy"), CLASSES),
        (classifier(1, "sigmoid", "binary_crossentropy"), CLASSES == "a"),
        (classifier(2, "softmax", "sparse_categorical_crossentropy"), np.where(CLASSES == "a", "yes", "no")),
        (classifier(3, "sigmoid", "binary_crossentropy"), SEVERAL),
        (classifier(3, "softmax", "categorical_crossentropy"), np.eye(3, dtype=int)[RNG.integers(3, size=60)]),
        (KerasRegressor(network(1, None), loss="mse", epochs=2, verbose=0), X[:, 0] ** 2),
        (KerasRegressor(network(2, None), loss="mse", epochs=2, verbose=0), X[:, :2] ** 2),
    ],
    ids=["labels", "one-hot loss", "binary", "two", "multilabel", "one-hot", "regressor", "two targets"],
)
def test_a_wrapper_at_the_end_of_a_pipeline_answers_as_it_does(model, target):
    pipeline = make_pipeline(StandardScaler(), model).fit(X, target)
    session = assert_same(pipeline, X, rtol=1e-5, atol=1e-6)
    if hasattr(pipeline, "predict_proba"):
        np.testing.assert_allclose(session.run(X)["predict_proba"], pipeline.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("target", [CLASSES, SEVERAL], ids=["labels", "multilabel"])
def test_a_wrapper_is_proved_with_the_tolerance_of_a_network(target):
    activation, loss = ("softmax", "sparse_categorical_crossentropy") if target is CLASSES else ("sigmoid", "binary_crossentropy")
    pipeline = make_pipeline(StandardScaler(), classifier(3, activation, loss)).fit(X, target)
    artifact = vo.convert(pipeline, X)
    assert artifact.certificate.passed
    assert [output.tolerance for output in artifact.certificate.outputs] == ["equal", "1e-05 of the largest number"]
    assert {"keras", "scikeras"} <= set(artifact.certificate.versions)


def test_a_target_encoder_of_the_users_own_is_refused():
    model = KerasRegressor(network(1, None), loss="mse", epochs=1, verbose=0).fit(X, X[:, 0])
    model.target_encoder_ = StandardScaler()
    with pytest.raises(vo.UnsupportedError, match="target_encoder_"):
        vo.convert(model, X)


def test_extreme_numbers_are_those_that_float32_holds():
    """A softmax of infinite logits is NaN in places that every backend chooses for itself, and with it the label."""
    relu = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
    model = KerasClassifier(relu, loss="sparse_categorical_crossentropy", epochs=2, verbose=0)
    assert vo.convert(make_pipeline(StandardScaler(), model).fit(X, CLASSES), X).certificate.passed
