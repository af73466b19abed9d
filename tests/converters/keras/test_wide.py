"""The twin of a model in float64, which the proof asks where float32 itself may be what is off."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
from keras import layers
from keras_nets import perturb

from vajra_onnx.converters.keras.models import in_float64
from vajra_onnx.converters.keras.wide import widened

X = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)


def functional():
    scaled = layers.Normalization()
    scaled.adapt(X * 3 + 1)
    x, word = keras.Input((4,), name="x"), keras.Input((1,), dtype="string", name="word")
    shared = layers.Dense(4, activation="tanh")
    inner = keras.Sequential([keras.Input((4,)), layers.BatchNormalization(), layers.Dense(3)])
    one_hot = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(word)
    joined = layers.Concatenate()([inner(shared(shared(scaled(x)))), one_hot])
    model = keras.Model([x, word], layers.Dense(2, name="y")(joined))
    perturb(model)
    return model


def test_the_twin_has_the_same_layers_and_weights():
    model = functional()
    twin = widened(model)
    words = np.array([["a"], ["b"], ["?"]] * 3, object)
    wide = in_float64(model)(["x", "word"], ["y"])({"x": X, "word": words})["y"]
    narrow = np.asarray(model([keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(words)]))
    assert wide.dtype == np.float64
    assert 0 < np.abs(wide - narrow).max() < 1e-5
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_sequential_has_one():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.LayerNormalization(), layers.Softmax()])
    assert widened(model)(X).dtype == "float64"


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16"])
def test_half_precision_has_none(policy):
    assert widened(keras.Sequential([keras.Input((4,)), layers.Dense(3, dtype=policy)])) is None


def test_what_cannot_be_made_anew_has_none():
    class Own(layers.Layer):
        def __init__(self, size):
            super().__init__()
            self.size = size

        def call(self, x):
            return x * self.size

    x = keras.Input((4,))
    assert widened(keras.Model(x, Own(3)(x))) is None
