"""Which layers of keras.layers have an emitter, which do not yet, and whether masks go where Keras lets them go."""

from __future__ import annotations

import inspect

import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")

import keras
from keras_cases import WITHOUT_CASES, cases
from keras_cases.calls import class_of

from vajra_onnx.converters.keras.emit import emitted_layers

# No layers, or layers that have nothing to emit.
NONE = {"InputLayer", "Layer", "Wrapper", "StackedRNNCells", "LSTMCell", "GRUCell", "SimpleRNNCell"}
# Emitters that work out the mask of their result themselves.
THEIR_OWN = {
    "Add", "AdditiveAttention", "Attention", "Average", "Bidirectional", "Concatenate", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
    "Dot", "Embedding", "GRU", "GlobalAveragePooling1D", "GroupQueryAttention", "LSTM", "Lambda", "Masking", "Maximum", "Minimum",
    "MultiHeadAttention", "Multiply", "RNN", "ReversibleEmbedding", "SimpleRNN", "Subtract", "TimeDistributed",
}  # fmt: skip


def classes():
    return {n: c for n, c in vars(keras.layers).items() if inspect.isclass(c) and issubclass(c, keras.layers.Layer)}


def test_every_layer_has_an_emitter():
    lacking = {c.__name__ for c in classes().values()} - set(emitted_layers()) - NONE
    assert not lacking


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="only TensorFlow makes layers of every class")
def test_every_layer_has_a_case_or_a_reason_why_not():
    with_cases = {class_of(name, make) for name, make, _ in cases()}
    assert sorted({c.__name__ for c in classes().values()} - with_cases) == sorted(WITHOUT_CASES)


@pytest.mark.parametrize("name", sorted(set(emitted_layers()) - THEIR_OWN))
def test_masks_go_on_where_keras_lets_them(name):
    kind = getattr(keras.layers, name, None)
    if kind is None:  # a model
        return
    source = "".join(
        inspect.getsource(c) for c in kind.__mro__ if c.__module__.startswith("keras.src.layers") and c.__name__ != "Layer"
    )
    assert emitted_layers()[name].masking == ("supports_masking = True" in source), name
