"""Models whose class is the user's own: what goes in and comes out in which structure, layers that they share, names; models that
were trained, saved and read again."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers, ops
from keras_nets import perturb

import vajra_onnx as vo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in training

RNG = np.random.default_rng(0)
A = RNG.normal(size=(20, 4)).astype(np.float32)
B = RNG.normal(size=(20, 4)).astype(np.float32)
IDS = RNG.integers(0, 9, size=(20, 6)).astype(np.int32)


class Pair(keras.Model):
    """Two inputs that must not be taken for each other. get: from what the call is given to the two."""

    def __init__(self, get):
        super().__init__()
        self.get, self.first, self.second = get, layers.Dense(3), layers.Dense(3)

    def call(self, inputs):
        a, b = self.get(inputs)
        return self.first(a) - self.second(b)


class Alone(keras.Model):
    """One input in a list or dict."""

    def __init__(self, key):
        super().__init__()
        self.key, self.dense = key, layers.Dense(3)

    def call(self, inputs):
        return self.dense(inputs[self.key])


class Several(keras.Model):
    """Several outputs. form: their structure."""

    def __init__(self, form):
        super().__init__()
        self.form, self.dense, self.other = form, layers.Dense(3), layers.Dense(2)

    def call(self, x):
        return self.form(self.dense(x), self.other(x))


class Tied(keras.Model):
    """A table that is looked up, and multiplied with."""

    def __init__(self):
        super().__init__()
        self.table, self.dense = layers.Embedding(9, 5), layers.Dense(5)

    def call(self, ids):
        places = self.table(ops.arange(ops.shape(ids)[1]))
        return ops.matmul(self.dense(self.table(ids) + places), ops.transpose(self.table.embeddings))


class Stacked(keras.Model):
    """Lists and dicts of layers, a Sequential, and layers that are used twice."""

    def __init__(self):
        super().__init__()
        self.blocks = [layers.Dense(4, activation="relu") for _ in range(2)]
        self.ends = {"last": keras.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5)])}

    def call(self, x, training=None):
        for block in self.blocks * 2:
            x = block(x) + x
        x = self.ends["last"](x, training=training)
        return x * 100 if training else x


@keras.saving.register_keras_serializable("tests")
class Registered(layers.Layer):
    """A layer that Keras knows by its name in a file."""

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 3))

    def call(self, x):
        return ops.tanh(ops.matmul(x, self.w))


@keras.saving.register_keras_serializable("tests")
class RegisteredModel(keras.Model):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.dense = layers.Dense(3)

    def call(self, x):
        return ops.relu(self.dense(x))


class Unknown(Registered):
    """A layer that Keras does not know."""


def proved(model, sample, *outputs):
    artifact = vo.convert(model, sample)
    assert artifact.certificate.passed
    assert not outputs or [column.name for column in artifact.schema.outputs] == list(outputs)
    return artifact


def built(model, sample):
    model(keras.tree.map_structure(lambda array: ops.convert_to_tensor(array[:2]), sample))
    perturb(model)
    return model


@pytest.mark.parametrize(("get", "sample"), [
    (lambda x: (x["b"], x["a"]), {"b": A, "a": B}),  # not in the order of their names
    (lambda x: x, [A, B]),
    (lambda x: x, (A, B)),
])  # fmt: skip
def test_two_inputs(get, sample):
    proved(built(Pair(get), sample), sample)


@pytest.mark.parametrize(("key", "sample"), [("only", {"only": A}), (0, [A])])
def test_one_input_in_a_list_or_dict(key, sample):
    proved(built(Alone(key), sample), sample)


def test_nested_inputs_are_refused():
    with pytest.raises(vo.UnsupportedError, match="a sample of nested lists or dicts"):
        vo.convert(Pair(lambda x: x["ab"]), {"ab": [A, B]})


@pytest.mark.parametrize("form", [
    lambda a, b: {"z": a, "a": b},
    lambda a, b: [a, b],
    lambda a, b: {"z": (a, b), "a": [b * 2]},
    lambda a, b: [a, a, b, a],
])  # fmt: skip
def test_several_outputs(form):
    model = built(Several(form), A)
    artifact = proved(model, A)
    wanted = keras.tree.flatten(model(A))
    results = vo.load(artifact).run(A)
    assert len(results) == len(wanted)
    for got, want in zip(results.values(), wanted, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-5)


def test_no_output_is_lost_to_another_of_its_name():
    x, dense = keras.Input((4,), name="x"), layers.Dense(2, name="d")
    model = keras.Model(x, [dense(x), dense(x * 2), layers.Dense(3, name="d_1")(x)])
    proved(model, A, "d", "d_2", "d_1")


def test_shared_tied_and_stacked():
    proved(built(Tied(), IDS), IDS)
    proved(built(Stacked(), A), A)


def test_an_output_that_is_no_row_of_the_batch_is_refused():
    with pytest.raises(vo.UnsupportedError, match="expected a row for every row of the input"):
        vo.convert(built(Several(lambda a, b: ops.transpose(a)), A), A)


def trained(model):
    model.compile("adam", "mse")
    model.fit(A, RNG.normal(size=(20, 3)).astype(np.float32), epochs=2, verbose=0)
    return model


def test_files_with_classes_of_ones_own(tmp_path):
    x = keras.Input((4,), name="x")
    for name, model in {"layer": keras.Model(x, Registered()(x)), "model": RegisteredModel()}.items():
        trained(model).save(tmp_path / f"{name}.keras")
        artifact = proved(str(tmp_path / f"{name}.keras"), A if name == "model" else {"x": A})
        (got,) = vo.load(artifact).run(A if name == "model" else {"x": A}).values()
        np.testing.assert_allclose(got, model(A), atol=1e-5)
    trained(keras.Model(x, Unknown()(x))).save(tmp_path / "unknown.keras")
    with pytest.raises(vo.UnsupportedError, match=r"a class of your own, 'Unknown'.*register_keras_serializable"):
        vo.convert(str(tmp_path / "unknown.keras"), {"x": A})
