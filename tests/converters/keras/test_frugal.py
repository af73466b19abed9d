"""Models that let go of their tensors: Keras' own bits, and no tensor for longer than somebody needs it."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from contextlib import nullcontext

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers
from keras.src.ops.function import Function
from keras_nets import perturb

from vajra_onnx.converters.keras.frugal import letting_go

X = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)


def shared():
    x, y = keras.Input((8,)), keras.Input((8,))
    both = layers.Dense(8, activation="tanh")
    a, b = both(x), both(y)
    return keras.Model([x, y], [layers.Add()([a, b, x]), a, keras.ops.exp(b) * 2.0]), [X, X[::-1]]


def nested():
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5)])
    x = keras.Input((8,))
    middle = keras.Model(x, {"sum": layers.Add()([inner(x), x]), "same": x})
    y = keras.Input((8,))
    answers = middle(inner(y))
    return keras.Model(y, [answers["sum"], answers["same"], layers.Concatenate()(list(answers.values()))]), X


def masked():
    x = keras.Input((8,), dtype="int32")
    y = layers.LSTM(4)(layers.Embedding(9, 3, mask_zero=True)(x))
    return keras.Model(x, y), np.abs(X * 2).astype(np.int32).clip(0, 8)


def sequence():
    return keras.Sequential([keras.Input((8,)), layers.Dense(3), layers.Softmax()]), X


@pytest.mark.parametrize("make", [shared, nested, masked, sequence])
def test_keras_own_bits(make):
    model, x = make()
    perturb(model)
    expected = model(x, training=False)
    with letting_go():
        got = model(x, training=False)
    keras.tree.assert_same_structure(got, expected)
    for a, b in zip(keras.tree.flatten(got), keras.tree.flatten(expected), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@keras.saving.register_keras_serializable()
class Watched(layers.Layer):
    """Twice its input. alive: of all results so far, how many there are still whenever it is called."""

    results: list[weakref.ref] = []  # noqa: RUF012
    alive: list[int] = []  # noqa: RUF012

    def call(self, x):
        Watched.alive.append(sum(ref() is not None for ref in Watched.results))
        result = x * 2.0
        Watched.results.append(weakref.ref(result))
        return result


def held(around) -> int:
    """The most results that a chain of twenty layers, with one shortcut, has at a time."""
    Watched.results, Watched.alive = [], []
    x = y = keras.Input((8,))
    for _ in range(20):
        y = Watched()(y)
    model = keras.Model(x, layers.Add()([y, x]))
    Watched.results, Watched.alive = [], []
    with around:
        model(X)
    return max(Watched.alive)


def test_nothing_is_held_for_longer_than_needed():
    assert held(nullcontext()) == 19
    assert held(letting_go()) == 1


def test_keras_is_itself_again():
    own = Function._run_through_graph
    model, _ = sequence()
    with pytest.raises(ValueError, match="incompatible"), letting_go():
        model(X[:, :2])
    assert Function._run_through_graph is own


CHILD = """
import json, resource
import keras, numpy as np
import vajra_onnx as vo

x = keras.Input((256, 256, 3))
y = keras.layers.Conv2D(16, 1)(x)
for _ in range(20):
    y = keras.layers.Add()([y, keras.layers.Conv2D(16, 1, activation="tanh")(y)])
model = keras.Model(x, keras.layers.GlobalMaxPooling2D()(y))
images = np.random.default_rng(0).random((3, 256, 256, 3), np.float32)
model(images[:1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert vo.convert(model, images).certificate.passed
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux")
def test_a_proof_takes_no_more_than_a_few_layers():
    """Sixty tensors of 4 MB for each row: Keras' own call holds them all, here for one row before anything is measured, and a
    proof asks for two rows of this size at once. What is left are onnxruntime's batch of seven rows, and the rows themselves."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", CHILD], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) < 320_000
