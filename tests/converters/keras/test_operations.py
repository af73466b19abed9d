"""Operations of keras.ops in functional graphs: every operand counts, numbers and constants included. What computes number by
number is in `test_operations_numbers.py`."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import ops

import vajra_onnx as vo

KERNEL = np.random.default_rng(1).normal(size=(3, 2)).astype(np.float32)
POINTS = np.array([-0.5, 0.0, 0.5], np.float32)
FUNCTIONS = {
    "add": lambda x: x + 3,
    "add-reversed": lambda x: 3 + x,
    "subtract-reversed": lambda x: 3 - x,
    "divide-reversed": lambda x: 1 / (x * x + 1),
    "multiply-array": lambda x: x * np.array([1.0, 2.0, 3.0], np.float32),
    "power": lambda x: ops.power(ops.absolute(x) + 1, 1.5),
    "square": lambda x: x**2,
    "floor-mod": lambda x: ops.concatenate([x // 0.7, x % 0.7, 2.5 % (abs(x) + 1)], axis=1),
    "softmax": lambda x: ops.softmax(x, axis=1),
    "gelu": lambda x: ops.gelu(x, approximate=False),
    "gelu-tanh": lambda x: ops.gelu(x),
    "where": lambda x: ops.where(x > 0.5, x, -1.0),
    "where-numbers": lambda x: ops.where(x > 0.5, 1, 0),
    "where-constant": lambda x: ops.where(np.array([True, False, True]), x, 0.0),
    "select": lambda x: ops.select([x > 1, x > 0], [x, x * 2], 0.5),
    "compare": lambda x: ops.cast(x >= 0, "float32"),
    "logical": lambda x: ops.cast(ops.logical_and(x > 0, ops.logical_not(x > 1)), "int32"),
    "clip": lambda x: ops.clip(x, -0.5, 0.7),
    "transpose": lambda x: ops.transpose(x, (0, 2, 1)),
    "transpose-batch": lambda x: ops.transpose(ops.mean(ops.transpose(x, (1, 0, 2)), axis=0, keepdims=True), (1, 0, 2)),
    "swapaxes": lambda x: ops.swapaxes(x, 1, -1),
    "moveaxis": lambda x: ops.moveaxis(ops.expand_dims(x, 1), (1, 2), (3, 1)),
    "reshape": lambda x: ops.reshape(x, (-1, 12)),
    "reshape-batch": lambda x: ops.reshape(ops.tanh(ops.reshape(x, (-1, 3))), (-1, 4, 3)),
    "expand": lambda x: ops.expand_dims(x, -1) + ops.expand_dims(x, 2),
    "squeeze": lambda x: ops.squeeze(x[:, :1], 1),
    "flip": lambda x: ops.flip(x, axis=(1, 2)) + ops.fliplr(x),
    "rot90": lambda x: ops.rot90(x, k=3, axes=(1, 2)),
    "roll": lambda x: ops.roll(x, (5, -1), axis=(1, 2)),
    "tile": lambda x: ops.tile(x, (2, 3)),
    "repeat": lambda x: ops.repeat(x, [1, 2, 0, 1], axis=1),
    "pad": lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=2.5),
    "pad-reflect": lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), mode="reflect"),
    "tril": lambda x: ops.tril(x, k=-1) + ops.triu(x, k=1),
    "diagonal": lambda x: ops.diagonal(x, offset=-1, axis1=1, axis2=2),
    "trace": lambda x: ops.trace(x, axis1=1, axis2=2),
    "diff": lambda x: ops.diff(x, n=2, axis=1),
    "item": lambda x: x[:, 1:, ::2],
    "item-int": lambda x: x[:, -1],
    "item-ellipsis": lambda x: x[..., 1],
    "item-new": lambda x: x[:, None, ::-1],
    "concatenate": lambda x: ops.concatenate([x, x * 2], axis=1),
    "concatenate-constant": lambda x: ops.concatenate([np.ones((1, 2, 3), np.float32), x], axis=1),
    "hstack": lambda x: ops.hstack([x, x]) + ops.append(x, x, axis=1),
    "stack": lambda x: ops.stack([x, -x], axis=1),
    "split": lambda x: ops.concatenate(ops.split(x, [1, 3], axis=1)[::-1], axis=1),
    "split-uneven": lambda x: ops.array_split(x, 3, axis=1)[0],
    "unstack": lambda x: ops.unstack(x, axis=-1)[1],
    "take": lambda x: ops.take(x, [[0, -1], [2, 0]], axis=2),
    "take-table": lambda x: ops.take(KERNEL, ops.argmax(x, axis=-1), axis=0),
    "take-along": lambda x: ops.take_along_axis(x, ops.argsort(x, axis=1), axis=1),
    "take-along-one": lambda x: ops.take_along_axis(x, np.zeros((1, 1, 3), np.int32), axis=1),
    "sort": lambda x: ops.sort(x, axis=1),
    "top-k": lambda x: ops.top_k(x, 2)[0] + ops.cast(ops.top_k(x, 2)[1], "float32"),
    "digitize": lambda x: ops.digitize(x, POINTS),
    "one-hot": lambda x: ops.one_hot(ops.argmax(x, axis=-1), 5, axis=1),
    "multi-hot": lambda x: ops.multi_hot(ops.argmax(x, axis=-1), 5),
    "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
    "matmul-constant": lambda x: x @ KERNEL + ops.dot(x, KERNEL),
    "tensordot": lambda x: ops.tensordot(x, KERNEL, axes=[[2], [0]]) + ops.inner(x, KERNEL.T),
    "einsum": lambda x: ops.einsum("bij,jk->bik", x, KERNEL),
    "cross": lambda x: ops.cross(x, x[:, ::-1]),
    "norm": lambda x: ops.norm(x, axis=-1) + ops.norm(x, ord=1, axis=-1) + ops.norm(x, ord=np.inf, axis=-1),
    "normalize": lambda x: ops.normalize(x, axis=1, order=2) + ops.normalize(x, order=3),
    "moments": lambda x: ops.concatenate(ops.moments(x, axes=[1], keepdims=True), axis=1),
    "layer-norm": lambda x: ops.layer_normalization(x, np.ones(3, np.float32) * 2, np.ones(3, np.float32)),
    "rms-norm": lambda x: ops.rms_normalization(x, np.ones(3, np.float32) * 2),
    "batch-norm": lambda x: ops.batch_normalization(x, POINTS, POINTS + 1, axis=-1, offset=POINTS, scale=POINTS),
    "logsumexp": lambda x: ops.logsumexp(x, axis=-1),
    "exp-log": lambda x: ops.log(ops.exp(x) + 1),
    "like": lambda x: ops.ones_like(x) + ops.zeros_like(x) + ops.full_like(x, 2.5),
    "saturate": lambda x: ops.saturate_cast(x * 300, "uint8"),
    "mixed": lambda x: ops.cast(ops.cast(x * 9, "int32"), "int64") + ops.cast(x, "bool"),
}
IMAGES = {
    "max-pool": lambda x: ops.max_pool(x, 3, strides=2, padding="same"),
    "average-pool": lambda x: ops.average_pool(x, 2, strides=1, padding="same"),
    "conv": lambda x: ops.conv(x, np.ones((3, 3, 3, 2), np.float32), strides=2, padding="same"),
    "depthwise": lambda x: ops.depthwise_conv(x, np.ones((3, 3, 3, 2), np.float32)),
    "resize": lambda x: ops.image.resize(x, (9, 12)),
    "patches": lambda x: ops.image.extract_patches(x, 2),
    "patches-overlapping": lambda x: ops.image.extract_patches(x, (3, 3), strides=(1, 1), padding="same"),
    "gray": lambda x: ops.image.rgb_to_grayscale(x),
    "crop-pad": lambda x: ops.image.pad_images(ops.image.crop_images(x, 1, 1, target_height=3, target_width=2), 1, 2, 3, 4),
    "depth-to-space": lambda x: ops.depth_to_space(ops.space_to_depth(x, 2)[..., :8], 2),
}
ATTENTION = {
    "plain": {},
    "causal": {"is_causal": True},
    "mask": {"mask": np.tril(np.ones((1, 1, 5, 5), bool))},
    "bias": {"bias": np.full((1, 2, 5, 5), 0.3, np.float32), "scale": 0.3},
}
REFUSED = {
    "mean": (lambda x: x - ops.mean(x, axis=0, keepdims=True), r"Mean over the batch.* - at layers\['mean"),
    "rows": (lambda x: x[1], "selects among the rows"),
    "roll": (lambda x: ops.roll(x, 1, axis=0), "Roll over the batch"),
    "pad": (lambda x: ops.pad(x, ((1, 0), (0, 0), (0, 0))), "pad of the batch"),
    "unknown": (lambda x: ops.fft((x, x))[0], r"keras.src.ops.math.FFT"),
    "function": (lambda x: ops.map(lambda row: row * 2, x), "given a function"),
    "stacked": (lambda x: ops.stack([x, x], axis=0), "expected a row for every row of the input, got shape"),
    "large": (lambda x: ops.cast(x, "int32") + 2**31, "a number that int32 has"),
    "integers": (lambda x: ops.cast(x, "int32") // 0, "integers divided by 0"),
}
SHAPE = (4, 3)


def proved(function, shape, name="x"):
    x = keras.Input(shape, name=name)
    model = keras.Model(x, function(x))
    rows = np.random.default_rng(0).normal(size=(12, *(size or 5 for size in shape))).astype(np.float32)
    assert vo.convert(model, rows).certificate.passed
    return model


@pytest.mark.filterwarnings("ignore:NotImplemented should not:DeprecationWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_operation(name):
    proved(FUNCTIONS[name], SHAPE)


@pytest.mark.parametrize("name", IMAGES)
def test_operation_on_images(name):
    proved(IMAGES[name], (6, 4, 3))


@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name):
    proved(lambda x: ops.dot_product_attention(x, x * 2, x + 1, **ATTENTION[name]), (5, 2, 4))


def test_attention_with_shared_heads():
    proved(lambda x: ops.dot_product_attention(x, x[:, :, :2], x[:, :, 2:]), (5, 4, 4))


@pytest.mark.parametrize("name", ["roll", "repeat", "reshape", "split"])
def test_operation_over_time_of_any_length(name):
    functions = {
        "roll": lambda x: ops.roll(x, 3, axis=1),
        "repeat": lambda x: ops.repeat(x, 2, axis=1),
        "reshape": lambda x: ops.reshape(ops.reshape(x, (-1, 4)) * 2, (-1, 5, 4))[:, 1:],
        "split": lambda x: ops.concatenate(ops.split(x, 2, axis=-1)[::-1], axis=-1),
    }
    proved(functions[name], (None, 4))


@pytest.mark.parametrize("name", REFUSED)
def test_operation_is_refused_by_name(name):
    function, message = REFUSED[name]
    x = keras.Input(SHAPE, name="x")
    with pytest.raises(vo.UnsupportedError, match=message):
        vo.convert(keras.Model(x, function(x)), np.zeros((3, *SHAPE), np.float32))
