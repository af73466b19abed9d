"""What Keras' own `__call__` does around the call of a layer of the user's own: masks, sizes of the batch, types, losses; and
layers inside of layers."""

from __future__ import annotations

import functools

import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")

import keras
import numpy as np
from keras import layers, ops
from keras_nets import perturb

import vajra_onnx as vo

pytestmark = pytest.mark.filterwarnings("ignore:::(keras|torch|jax)[.].*", "ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype(np.float32)
SEQUENCES = RNG.normal(size=(20, 5, 8)).astype(np.float32)
PADDED = np.where(RNG.random((20, 5, 1)) > 0.3, SEQUENCES, 0).astype(np.float32)
WORDS = RNG.integers(0, 4, size=(20, 6)).astype(np.int32)


class Carries(layers.Layer):
    """A layer that carries its mask on."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def call(self, x):
        return x * 2.0


class Uses(layers.Layer):
    """A layer that is given a mask, and ends it."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def call(self, x, mask=None):
        kept = ops.expand_dims(ops.cast(mask, "float32"), -1)
        return ops.sum(x * kept, axis=1) / ops.maximum(ops.sum(kept, axis=1), 1.0)

    def compute_mask(self, x, mask=None):
        return None


class Makes(layers.Layer):
    """A layer that makes a mask."""

    def call(self, x):
        return x * 1.5

    def compute_mask(self, x, mask=None):
        return ops.any(ops.not_equal(x, 0), axis=-1)


class Token(layers.Layer):
    """A learned step before the others, for every row of the batch."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="normal")
        self.places = self.add_weight(shape=(1, shape[1] + 1, shape[-1]), initializer="normal")

    def call(self, x):
        rows = ops.shape(x)[0]
        token = {
            "broadcast": lambda: ops.broadcast_to(self.token, (rows, 1, self.token.shape[-1])),
            "tile": lambda: ops.tile(self.token, (rows, 1, 1)),
            "repeat": lambda: ops.repeat(self.token, rows, axis=0),
            "zeros": lambda: ops.zeros((rows, 1, self.token.shape[-1])) + self.token,
        }[self.how]()
        return ops.concatenate([token, x], axis=1) + self.places


class Heads(layers.Layer):
    """Attention with heads by hand, which asks for the sizes of the batch and of time."""

    def __init__(self):
        super().__init__()
        self.all, self.out = layers.Dense(24), layers.Dense(8)

    def call(self, x):
        rows, steps, width = ops.shape(x)
        q, k, v = (self.split(part, rows, steps) for part in ops.split(self.all(x), 3, axis=-1))
        scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / 2.0
        mixed = ops.transpose(ops.matmul(ops.softmax(scores), v), (0, 2, 1, 3))
        return self.out(ops.reshape(mixed, (rows, -1, width)))

    def split(self, x, rows, steps):
        return ops.transpose(ops.reshape(x, (rows, steps, 2, 4)), (0, 2, 1, 3))


class Patches(layers.Layer):
    """Windows of an image as steps."""

    def call(self, images):
        rows, height, width, channels = ops.shape(images)
        patches = ops.image.extract_patches(images, size=2)
        return ops.reshape(patches, (rows, (height // 2) * (width // 2), 4 * channels))


class Steps(layers.Layer):
    """A recurrence by hand, from zeros."""

    def __init__(self):
        super().__init__()
        self.cell = layers.LSTMCell(3)

    def call(self, x):
        states = [ops.zeros((ops.shape(x)[0], 3)), ops.zeros((ops.shape(x)[0], 3))]
        for i in range(3):
            result, states = self.cell(x[:, i], states)
        return result


class Own(layers.Layer):
    """A weight, which is used in the type of the policy."""

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 3), initializer="normal")

    def call(self, x):
        self.add_loss(ops.sum(ops.square(x)))
        return ops.matmul(x, self.w) + self.w[0]


class Around(layers.Layer):
    """A layer of the user's own inside of another."""

    def __init__(self, inside):
        super().__init__()
        self.inside = inside

    def call(self, x):
        return self.inside(x) * 2.0


class Divided(layers.Layer):
    """What depends on the batch."""

    def call(self, x):
        return x / ops.cast(ops.shape(x)[0], "float32")


def proved(layer, sample, shape=None):
    x = keras.Input(sample.shape[1:] if shape is None else shape, dtype=str(sample.dtype), name="x")
    model = keras.Model(x, layer(x))
    perturb(model)
    assert vo.convert(model, {"x": sample}).certificate.passed


@pytest.mark.parametrize("how", [lambda x: layers.GRU(3)(Carries()(x)), Uses(), lambda x: layers.GRU(3)(Around(Carries())(x))])
@pytest.mark.filterwarnings("ignore:Layer 'around")
def test_masks_go_through_calls(how):
    proved(lambda x: how(layers.Embedding(4, 3, mask_zero=True)(x)), WORDS)


def test_a_mask_is_made():
    proved(lambda x: layers.LSTM(3)(Makes()(x)), PADDED)
    proved(lambda x: layers.LSTM(3)(layers.TimeDistributed(layers.Dense(3))(layers.Masking()(x))), PADDED)


@pytest.mark.parametrize("how", ["broadcast", "tile", "repeat", "zeros"])
def test_a_row_for_every_row_of_the_batch(how):
    proved(Token(how), SEQUENCES)


@pytest.mark.parametrize("shape", [(5, 8), (None, 8)])
def test_sizes_of_batch_and_time(shape):
    proved(Heads(), SEQUENCES, shape)


def test_patches_and_recurrences_by_hand():
    proved(Patches(), RNG.normal(size=(10, 6, 4, 3)).astype(np.float32))
    proved(Steps(), SEQUENCES)


def test_the_size_of_the_batch_is_no_number():
    with pytest.raises(vo.UnsupportedError, match="a size that is not fixed, as a number"):
        proved(Divided(), X)


def test_layers_inside_of_layers():
    proved(Around(Around(Own())), X)
    proved(Around(keras.Sequential([keras.Input((4,)), Own(), layers.Dense(2)])), X)


@pytest.mark.parametrize("activation", [
    lambda x: ops.relu(x) * 2.0,
    ops.gelu,  # whose name in a file would be that of another function
    functools.partial(keras.activations.gelu, approximate=True),
])  # fmt: skip
def test_an_activation_of_ones_own(activation):
    proved(layers.Dense(3, activation=activation), X)
    proved(layers.Conv1D(3, 2, padding="causal", activation=activation), SEQUENCES)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16"])
def test_weights_in_the_type_of_the_policy(policy):
    keras.config.set_dtype_policy(policy)
    try:
        proved(Own(), X)
    finally:
        keras.config.set_dtype_policy("float32")
