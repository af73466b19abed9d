"""What may be done to layers of Keras: LoRA, quantization, masks and states that are given; types that onnxruntime has not."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers, ops
from keras_nets import perturb

import vajra_onnx as vo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in quantization

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype(np.float32)
SEQUENCES = RNG.normal(size=(20, 5, 8)).astype(np.float32)
PADDED = np.where(RNG.random((20, 5, 1)) > 0.3, SEQUENCES, 0).astype(np.float32)
IDS = RNG.integers(0, 4, size=(20, 6)).astype(np.int32)
LORA = {
    "dense": (lambda: layers.Dense(3), X),
    "einsum": (lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d"), SEQUENCES),
    "embedding": (lambda: layers.Embedding(9, 3), IDS),
    "conv": (lambda: layers.Conv1D(4, 3), SEQUENCES),
}


def around(call, sample):
    x = keras.Input(sample.shape[1:], dtype=str(sample.dtype), name="x")
    model = keras.Model(x, call(x))
    perturb(model)
    return model


def proved(model, sample):
    assert vo.convert(model, sample).certificate.passed


@pytest.mark.parametrize("name", LORA)
def test_lora_is_in_the_kernel(name):
    make, sample = LORA[name]
    layer = make()
    model = around(layer, sample)
    layer.enable_lora(2)
    perturb(model, 1)
    proved(model, {"x": sample})


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize`")
@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
@pytest.mark.parametrize("kind", ["Dense", "EinsumDense", "MultiHeadAttention"])
def test_quantized_layers_are_refused(kind, mode):
    calls = {
        "Dense": layers.Dense(3),
        "EinsumDense": layers.EinsumDense("abc,cd->abd", output_shape=(None, 4)),
        "MultiHeadAttention": lambda x: layers.MultiHeadAttention(2, 4)(x, x),
    }
    model = around(calls[kind], SEQUENCES)
    model.quantize(mode)
    with pytest.raises(vo.UnsupportedError, match=f"{kind} (quantized to|has a weight that is not handled)"):
        vo.convert(model, {"x": SEQUENCES})


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("whole", [False, True])
def test_keras_leaves_a_mask_out_beside_an_initial_state(kind, whole):
    """The mask of the steps counts where it is the only tensor of a call, or where it is given; it goes on in any case."""
    ids, mask = keras.Input((6,), dtype="int32", name="ids"), keras.Input((6,), dtype="bool", name="mask")
    x = layers.Embedding(4, 3, mask_zero=True)(ids)
    states = [layers.Flatten()(layers.Embedding(4, 5)(ids))[:, i : i + 5] for i in range(1 + (kind == "LSTM"))]
    layer = getattr(layers, kind)
    outputs = [layer(5, return_sequences=whole)(x, initial_state=states)]
    outputs.append(layer(5, return_sequences=whole)(x, initial_state=states, mask=mask))
    if whole:
        outputs.append(layers.GlobalAveragePooling1D()(outputs[0]))
    model = keras.Model([ids, mask], outputs)
    perturb(model)
    proved(model, {"ids": IDS, "mask": RNG.random((20, 6)) > 0.4})


def test_a_sequence_to_a_sequence():
    source, target = (keras.Input((None,), dtype="int32", name=name) for name in ("source", "target"))
    table = layers.Embedding(9, 4, mask_zero=True)
    encoded, *states = layers.LSTM(5, return_sequences=True, return_state=True)(table(source))
    decoded = layers.LSTM(5, return_sequences=True)(table(target), initial_state=states)
    seen = layers.Attention()([decoded, encoded])
    model = keras.Model([source, target], layers.TimeDistributed(layers.Dense(9))(layers.Concatenate()([seen, decoded])))
    perturb(model)
    proved(model, {"source": IDS, "target": IDS[::-1, :5].copy()})


@pytest.mark.parametrize("name", ["lstm", "attention", "heads", "time", "add", "concatenate"])
def test_steps_of_zeros_stay_masked_where_a_zero_is_moved_by_an_ulp(name):
    calls = {
        "lstm": lambda x: layers.LSTM(3)(x),
        "attention": lambda x: layers.Attention()([x, x]),
        "heads": lambda x: layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(2, 2)(x, x) + x),
        "time": lambda x: layers.LSTM(3)(layers.TimeDistributed(layers.Dense(3))(x)),
        "add": lambda x: layers.LSTM(3)(layers.Add()([layers.Dense(8)(x), x])),
        "concatenate": lambda x: layers.LSTM(3)(layers.Concatenate()([layers.Dense(3)(x), x])),
    }
    proved(around(lambda x: calls[name](layers.Masking()(x)), PADDED), {"x": PADDED})


def test_the_cosine_of_two_towers():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    tower = layers.Dense(3)
    proved(keras.Model([a, b], layers.Dot(axes=1, normalize=True)([tower(a), tower(b)])), {"a": X, "b": X[::-1].copy()})


def test_float64():
    keras.config.set_dtype_policy("float64")
    try:
        proved(around(lambda x: layers.Dense(3, activation="selu")(layers.Dense(4, activation="elu")(x)), X), {"x": X})
        proved(around(lambda x: ops.softplus(layers.LayerNormalization()(layers.LeakyReLU()(x))), X), {"x": X})
        with pytest.raises(vo.UnsupportedError, match="a convolution in float64"):
            vo.convert(around(layers.Conv1D(3, 2), SEQUENCES), {"x": SEQUENCES})
        proved(around(layers.LSTM(3), SEQUENCES), {"x": SEQUENCES})
    finally:
        keras.config.set_dtype_policy("float32")


def test_half_precision_beside_single():
    x = keras.Input((4,), name="x")
    half, single = layers.Dense(5, dtype="float16")(x), layers.Dense(5)(x)
    model = keras.Model(
        x, [half * single, half + half, ops.concatenate([half, half * 2], axis=-1), ops.tanh(half) @ np.ones((5, 2))]
    )
    perturb(model)
    artifact = vo.convert(model, {"x": X})
    assert [column.dtype for column in artifact.schema.outputs] == ["float32", "float16", "float16", "float64"]
