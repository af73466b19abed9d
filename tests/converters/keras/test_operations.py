"""Operations of keras.ops in functional graphs: every operand counts, numbers and constants included."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import ops

import vajra_onnx as vo

FUNCTIONS = {
    "add": lambda x: x + 3,
    "add-reversed": lambda x: 3 + x,
    "subtract-reversed": lambda x: 3 - x,
    "divide-reversed": lambda x: 1 / (x * x + 1),
    "multiply-array": lambda x: x * np.array([1.0, 2.0, 3.0], np.float32),
    "power": lambda x: ops.power(ops.absolute(x) + 1, 1.5),
    "square": lambda x: x**2,
    "mean": lambda x: ops.mean(x, axis=-1),
    "sum-keepdims": lambda x: ops.sum(x, axis=1, keepdims=True),
    "max-axes": lambda x: ops.max(x, axis=(1, 2)),
    "argmax": lambda x: ops.argmax(x, axis=-1),
    "softmax": lambda x: ops.softmax(x, axis=1),
    "gelu": lambda x: ops.gelu(x, approximate=False),
    "gelu-tanh": lambda x: ops.gelu(x),
    "where": lambda x: ops.where(x > 0.5, x, -1.0),
    "compare": lambda x: ops.cast(x >= 0, "float32"),
    "logical": lambda x: ops.cast(ops.logical_and(x > 0, ops.logical_not(x > 1)), "int32"),
    "clip": lambda x: ops.clip(x, -0.5, 0.7),
    "transpose": lambda x: ops.transpose(x, (0, 2, 1)),
    "reshape": lambda x: ops.reshape(x, (-1, 12)),
    "expand": lambda x: ops.expand_dims(x, -1) + ops.expand_dims(x, 2),
    "squeeze": lambda x: ops.squeeze(x[:, :1], 1),
    "item": lambda x: x[:, 1:, ::2],
    "item-int": lambda x: x[:, -1],
    "item-ellipsis": lambda x: x[..., 1],
    "item-new": lambda x: x[:, None, ::-1],
    "concatenate": lambda x: ops.concatenate([x, x * 2], axis=1),
    "stack": lambda x: ops.stack([x, -x], axis=1),
    "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
    "logsumexp": lambda x: ops.logsumexp(x, axis=-1),
    "exp-log": lambda x: ops.log(ops.exp(x) + 1),
    "rsqrt": lambda x: ops.rsqrt(ops.square(x) + 1),
}
SHAPE = (4, 3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_operation(name):
    x = keras.Input(SHAPE, name="x")
    model = keras.Model(x, FUNCTIONS[name](x))
    sample = np.random.default_rng(0).normal(size=(12, *SHAPE)).astype(np.float32)
    assert vo.convert(model, sample).certificate.passed


def test_operation_over_the_batch_is_refused():
    x = keras.Input(SHAPE, name="x")
    model = keras.Model(x, x - ops.mean(x, axis=0, keepdims=True))
    with pytest.raises(vo.UnsupportedError, match=r"Mean over the batch.* - at layers\['mean"):
        vo.convert(model, np.zeros((3, *SHAPE), np.float32))


def test_unknown_operation_is_refused_by_name():
    x = keras.Input(SHAPE, name="x")
    model = keras.Model(x, ops.fft((x, x))[0])
    with pytest.raises(vo.UnsupportedError, match=r"keras.src.ops.math.FFT"):
        vo.convert(model, np.zeros((3, *SHAPE), np.float32))
