"""Layers of the user's own and Lambda, built on keras.ops."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers, ops

import vajra_onnx as vo

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype(np.float32)
WORDS = RNG.integers(0, 9, size=(20, 6)).astype(np.int32)
SEQUENCES = RNG.normal(size=(20, 5, 4)).astype(np.float32)


class Mixed(layers.Layer):
    """A weight, a layer inside, and another answer in training."""

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 3))
        self.inside = layers.Dense(3)

    def call(self, x, training=None):
        mixed = ops.tanh(ops.matmul(x, self.w)) + self.inside(x) * 2.0
        return mixed * 0.0 if training else mixed


class Weighted(layers.Layer):
    """The mean of a sequence with learned weights."""

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1],), initializer="normal")

    def call(self, x):
        shares = ops.softmax(ops.sum(x * self.w, axis=-1), axis=-1)
        return ops.sum(x * ops.expand_dims(shares, -1), axis=1)


class Shifted(layers.Dense):
    """A layer of Keras' own, overridden."""

    def call(self, x):
        return super().call(x) + 1.0


class OfNumpy(layers.Layer):
    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, x.dtype)

    def call(self, x):
        return np.sin(x)


def proved(model, sample, *outputs):
    artifact = vo.convert(model, sample)
    assert artifact.certificate.passed
    assert [column.name for column in artifact.schema.outputs] == list(outputs)


def test_a_layer_of_ones_own_between_layers_keeps_the_names():
    x = keras.Input((4,), name="x")
    model = keras.Model({"x": x}, Mixed(name="mixed")(layers.Dense(5)(x)))
    proved(model, {"x": X}, "mixed")
    np.testing.assert_allclose(vo.load(vo.convert(model, {"x": X})).run({"x": X})["mixed"], model({"x": X}), atol=1e-6)


def test_sequential_shared_and_nested():
    x = keras.Input((4,))
    proved(keras.Sequential([x, Mixed(), Shifted(2, activation="relu", name="last")]), X, "last")
    inner, shared = keras.Sequential([keras.Input((4,)), Mixed()], name="inner"), Mixed(name="shared")
    outputs = [inner(x), shared(x), layers.Add(name="sum")([shared(layers.Dense(4)(x)), inner(x)])]
    proved(keras.Model(x, outputs), X, "inner", "shared", "sum")


def test_sequences_and_lambda():
    x = keras.Input((5, 4))
    model = keras.Model(x, layers.Lambda(lambda t: ops.relu(t) ** 2 + t[:, :1], name="out")(Weighted()(x)))
    proved(model, SEQUENCES, "out")


def test_what_is_no_graph_of_operations_is_refused_by_name():
    x = keras.Input((4,))
    with pytest.raises(vo.UnsupportedError, match=r"OfNumpy\.call is no graph of keras\.ops") as refused:
        vo.convert(keras.Model(x, OfNumpy(name="sine")(x)), X)
    assert refused.value.where == "layers['sine']"


@pytest.mark.filterwarnings("ignore:Layer 'weighted")
def test_a_mask_ends_at_a_layer_that_knows_none():
    words = keras.Input((6,), dtype="int32")
    proved(keras.Model(words, Weighted(name="weighted")(layers.Embedding(9, 4, mask_zero=True)(words))), WORDS, "weighted")
