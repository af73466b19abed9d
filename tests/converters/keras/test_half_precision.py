"""Policies of half precision over the main kinds of layers of the matrix. One layer may be off by 4 ulp of its largest number:
its kernels round on their way, in an order of their own; three axes of space, and attention with heads, round more often: 8
(`converters/keras/precision.py`)."""

from __future__ import annotations

import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")

import keras
import numpy as np
from keras import layers
from keras_cases import cases
from keras_nets import around, sample

import vajra_onnx as vo

DIGITS = {"float16": 2.0**-10, "bfloat16": 2.0**-7}
KINDS = [
    "core-dense", "core-dense-softmax", "core-einsum", "core-embedding", "activations-gelu", "activations-silu",
    "activations-softmax", "activations-log_softmax", "activations-prelu", "convolutional-conv1-same",
    "convolutional-conv2-valid-groups", "convolutional-conv3-valid", "convolutional-transpose2-same-strides",
    "convolutional-depthwise2-same", "convolutional-separable2-same", "pooling-Max2-same", "pooling-Average2-same",
    "normalization-batch-image", "normalization-layer", "normalization-group", "normalization-rms", "normalization-unit",
    "normalization-rescaling", "normalization-numbers", "merging-Add", "merging-dot-matrices", "recurrent-LSTM",
    "recurrent-GRU-sequences", "recurrent-SimpleRNN", "recurrent-conv2-same", "attention-heads", "attention-grouped-2",
    "attention-dot-dot-True", "attention-additive-True", "images-bilinear-up",
]  # fmt: skip
# Matrices of random directions, the beginning of every recurrence, are made by an operation that no backend has for bfloat16.
WITHOUT_QR = {
    "recurrent-LSTM": lambda: layers.LSTM(5, recurrent_initializer="glorot_uniform"),
    "recurrent-GRU-sequences": lambda: layers.GRU(5, return_sequences=True, recurrent_initializer="glorot_uniform"),
    "recurrent-SimpleRNN": lambda: layers.SimpleRNN(5, recurrent_initializer="glorot_uniform"),
    "recurrent-conv2-same": lambda: layers.ConvLSTM2D(3, 3, padding="same", recurrent_initializer="glorot_uniform"),
}
ROUGHEST = ("convolutional-conv3-valid", "attention-heads", "attention-grouped-2")
CASES = {name: case for name, *case in cases()}


@pytest.fixture(params=["mixed_float16", "mixed_bfloat16", "float16", "bfloat16"])
def policy(request):
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.mark.filterwarnings("ignore:::(keras|torch|jax)[.].*")
@pytest.mark.parametrize("name", KINDS)
def test_a_layer_is_within_4_ulp(policy, name):
    make, shapes = CASES[name]
    artifact = vo.convert(around(WITHOUT_QR.get(name, make), shapes), sample(shapes))
    (output, *_) = artifact.certificate.outputs
    ulps = 8 if name in ROUGHEST else 4
    assert output.rtol == ulps * DIGITS[policy.removeprefix("mixed_")]


def test_every_layer_may_add_an_ulp_up_to_eight(policy):
    digit, x = DIGITS[policy.removeprefix("mixed_")], keras.Input((4,))
    rows = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    for depth, ulps in {1: 4, 3: 6, 7: 8}.items():
        y = x
        for _ in range(depth):
            y = layers.Dense(4)(y)
        certificate = vo.convert(keras.Model(x, y), rows).certificate
        assert certificate.outputs[0].rtol == ulps * digit
