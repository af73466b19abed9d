"""Whole models: chains, graphs with shared layers and several outputs, models in models, classes of the user's own."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers
from keras_nets import perturb

import vajra_onnx as vo

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype(np.float32)


def proved(model, sample):
    artifact = vo.convert(model, sample)
    assert artifact.certificate.passed
    return artifact


def test_sequential():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2, name="out")])
    artifact = proved(model, X)
    assert [c.name for c in artifact.schema.outputs] == ["out"]
    np.testing.assert_allclose(vo.load(artifact).run(X)["out"], np.asarray(model(X)), atol=1e-6)


def test_equalization_of_which_keras_makes_no_functional_model():
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Equalization(), layers.Flatten(), layers.Dense(2)])
    proved(model, RNG.uniform(0, 255, size=(12, 4, 4, 3)).astype(np.float32))


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_layers_in_float64_which_onnxruntime_has_not(name):
    x = keras.Input((6, 3), dtype="float64")
    model = keras.Model(x, getattr(layers, name)(5, return_sequences=True, dtype="float64")(x))
    perturb(model)
    assert proved(model, RNG.normal(size=(12, 6, 3))).certificate.outputs[0].max_rel < 1e-14


def test_a_mask_that_a_call_is_given_ends_with_it():
    """Keras hands on the mask that a tensor has, not the one of a call."""
    x, steps = keras.Input((6, 3), name="x"), keras.Input((6,), dtype="bool", name="steps")
    first = layers.LSTM(4, return_sequences=True)(x, mask=steps)
    model = keras.Model([x, steps], layers.LSTM(3)(first))
    perturb(model)
    proved(model, {"x": RNG.normal(size=(12, 6, 3)).astype(np.float32), "steps": RNG.random((12, 6)) > 0.4})


def test_a_model_that_is_its_input():
    x = keras.Input((4,), name="x")
    artifact = vo.convert(keras.Model(x, x), X, outputs={"x": "same"})
    np.testing.assert_array_equal(vo.load(artifact).run(X)["same"], X)
    with pytest.raises(vo.SchemaError, match="rename the output"):
        vo.convert(keras.Model(x, x), X)


def test_answers_that_are_not_one_to_a_row():
    x = keras.Input((4,), name="x")
    with pytest.raises(vo.ParityError, match=r"reshape\w*: 2 answers to 1 rows"):
        vo.convert(keras.Model(x, keras.ops.reshape(x, (-1, 2))), X)


def test_float64_sample_is_rounded_as_keras_rounds_it():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    assert proved(model, X.astype(np.float64)).schema.inputs[0].dtype == "float32"


def test_shared_layers_several_outputs_and_names():
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(3, activation="tanh", name="shared")
    first, second = shared(a), shared(b)
    model = keras.Model([a, b], [layers.Add(name="sum")([first, second]), second])
    artifact = proved(model, [X, X[::-1].copy()])
    assert [c.name for c in artifact.schema.inputs] == ["left", "right"]
    assert [c.name for c in artifact.schema.outputs] == ["sum", "shared"]
    one = vo.convert(model, {"left": X, "right": X}, outputs={"sum": "total"})
    assert [c.name for c in one.schema.outputs] == ["total", "shared"]


def test_nested_models():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()], name="inner")
    y = keras.Input((4,))
    middle = keras.Model(y, [inner(y), layers.Dense(2)(y)], name="middle")
    x = keras.Input((4,), name="x")
    wide, narrow = middle(x)
    model = keras.Model(x, layers.Concatenate()([middle(wide)[0], narrow]))
    perturb(model)
    proved(model, X)


def test_a_layer_shared_by_two_models_is_refused():
    """Keras writes its weights in one of the two places, and cannot load the file itself."""
    shared = layers.Dense(4)
    y = keras.Input((4,))
    x = keras.Input((4,), name="x")
    model = keras.Model(x, shared(keras.Model(y, shared(y), name="inner")(x)))
    with pytest.raises(vo.ArtifactError, match=r"no weight.*shared by two models"):
        vo.convert(model, X)


def test_normalization_is_not_folded_where_the_layer_before_is_used_twice():
    x = keras.Input((6, 6, 2), name="x")
    y = layers.Conv2D(3, 3, padding="same", name="conv")(x)
    model = keras.Model(x, layers.Add()([y, layers.BatchNormalization()(y)]))
    perturb(model)
    proved(model, RNG.normal(size=(10, 6, 6, 2)).astype(np.float32))


class Twice(keras.Model):
    """A model whose call is layers and keras.ops."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(4, activation="relu")
        self.drop = layers.Dropout(0.5)

    def call(self, x, training=False):
        return keras.ops.concatenate([self.drop(self.dense(x), training=training) + 3, x], axis=-1)


class Foreign(keras.Model):
    """A model whose call leaves Keras."""

    def call(self, x):
        return keras.ops.convert_to_tensor(np.asarray(x) * 2)


def test_a_class_of_the_users_own_is_traced():
    model = Twice()
    model(X)
    perturb(model)
    artifact = proved(model, X)
    assert [c.name for c in artifact.schema.inputs] == ["X"]


def test_a_class_that_leaves_keras_is_refused():
    with pytest.raises(vo.UnsupportedError, match=r"Foreign\.call is no graph of layers and keras\.ops"):
        vo.convert(Foreign(), X)


def test_dynamic_time():
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, layers.GlobalAveragePooling1D()(layers.Conv1D(4, 3, padding="same")(x)))
    session = vo.load(proved(model, RNG.normal(size=(10, 7, 3)).astype(np.float32)))
    longer = RNG.normal(size=(2, 15, 3)).astype(np.float32)
    np.testing.assert_allclose(next(iter(session.run(longer).values())), np.asarray(model(longer)), atol=1e-5)


def test_masks_are_carried():
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = layers.Embedding(9, 4, mask_zero=True)(ids)
    model = keras.Model(ids, layers.GlobalAveragePooling1D()(layers.Dense(3)(layers.Dropout(0.1)(x))))
    sample = RNG.integers(0, 9, (20, 6)).astype(np.int32)
    sample[:, 0] = 1
    proved(model, sample)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN", "Bidirectional"])
def test_recurrent_layers_leave_masked_steps_out(kind, whole):
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = layers.Embedding(5, 4, mask_zero=True)(ids)
    inner = layers.LSTM(3, return_sequences=whole)
    layer = layers.Bidirectional(inner) if kind == "Bidirectional" else getattr(layers, kind)(3, return_sequences=whole)
    model = keras.Model(ids, layer(x))
    sample = RNG.integers(0, 3, (30, 6)).astype(np.int32)
    sample[0] = 0
    proved(model, sample)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_attention_with_masks(causal, dropout):
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = layers.Embedding(5, 4, mask_zero=True)(ids)
    y = layers.MultiHeadAttention(2, 3, dropout=dropout)(x, x, use_causal_mask=causal)
    model = keras.Model(ids, layers.LayerNormalization()(y + x))
    sample = RNG.integers(0, 3, (30, 6)).astype(np.int32)
    sample[0] = 0
    proved(model, sample)


@pytest.mark.parametrize("name", ["MobileNetV2", "EfficientNetV2B0"])
def test_applications(name):
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, name)(weights=None, input_shape=(96, 96, 3), classes=10)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        shape = weight.shape
        if "variance" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, shape))
        elif "gamma" in weight.path:
            weight.assign(rng.uniform(0.8, 1.2, shape))
        elif "beta" in weight.path or "mean" in weight.path:
            weight.assign(rng.normal(0, 0.1, shape))
    high = 1 if name == "MobileNetV2" else 255
    artifact = proved(model, rng.uniform(-high if high == 1 else 0, high, (3, 96, 96, 3)).astype(np.float32))
    (output,) = artifact.certificate.outputs
    assert output.max_rel <= 1e-5
    assert not {"BatchNormalization"} & {node.op_type for node in artifact.model.graph.node}
