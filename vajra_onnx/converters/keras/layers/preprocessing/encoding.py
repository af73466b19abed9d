"""Numbers of categories as vectors. Source: `keras.src.utils.numerical_utils.encode_categorical_inputs` on TensorFlow."""

from __future__ import annotations

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, concat, constant
from ...backend import own
from ...layer import Layer
from ...precision import policy_of
from ...refusal import UndecidedError
from ...tensor import Tensor, shape_of
from ...values import ints

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
COUNTED = ("float32", "float64", "int32", "int64")  # the dtypes in which ONNX Runtime counts
NOWHERE = 2**40  # beyond every vocabulary: such an index counts in no vector


def encoded(
    layer: Layer,
    index: Var,
    depth: int,
    vectors: str,
    weights: np.ndarray | None = None,
    each: Var | None = None,
    whole: str = "int64",
) -> Tensor:
    """The layer's output mode of indices [N, ...], int64 and not negative; one that is beyond the depth counts nowhere. vectors:
    the dtype of every mode but "int". whole: that of "int".

    one_hot: [..., depth], in place of a last axis of size 1. multi_hot, count, tf_idf: [N, ..., depth] of [N, T, ...], over the
    axis T. weights: of tf_idf. each: how much every index counts, of its shape.
    """
    mode = layer.get("output_mode", "int")
    layer.only("sparse", False)
    if mode == "int":
        return Tensor.of(cast(index, whole))
    if mode not in MODES:
        raise UnsupportedError(f"{layer.class_name}(output_mode=...)", expected=" | ".join(MODES), got=repr(mode))
    shape = shape_of(index)
    if mode == "one_hot":
        dropped = ops.squeeze(index, ints(-1)) if len(shape) > 1 and shape[-1] == 1 else index
        return Tensor.of(_one_hot(dropped, depth, vectors))
    if len(shape) < 2:
        raise UndecidedError(
            f"{layer.class_name}(output_mode={mode!r}) of [N], which makes one row of the batch", expected="[N, 1]"
        )
    once, dtype = mode == "multi_hot", vectors if weights is None and vectors in COUNTED else "float32"
    if len(shape) == 2 and shape[1] != 1:
        count = _scattered(index, depth, dtype, each)
        count = ops.min([count, constant(1, dtype)]) if once else count
    else:
        single = _one_hot(index, depth, dtype)
        single = single if each is None else ops.mul(single, ops.unsqueeze(each, ints(-1)))
        count = ops.reduce_max(single, ints(1), keepdims=0) if once else ops.reduce_sum(single, ints(1), keepdims=0)
    return Tensor.of(cast(count, vectors) if weights is None else ops.mul(count, constant(weights, dtype)))


def _one_hot(index: Var, depth: int, dtype: str) -> Var:
    made = dtype if dtype in ("float32", "int64") else "float32"  # ONNX Runtime has no OneHot of float64
    return cast(ops.one_hot(index, ints(depth), constant(np.array([0, 1]), made), axis=-1), dtype)


def _scattered(index: Var, depth: int, dtype: str, each: Var | None) -> Var:
    """[N, T] -> [N, depth] without the [N, T, depth] between, which a long text would fill the memory with."""
    room = ops.expand(constant(0, dtype), concat([ops.shape(index, end=1), ints(depth)], 0))
    known = ops.less(index, constant(depth))
    values = cast(known, dtype) if each is None else ops.where(known, each, constant(0, dtype))
    filled = ops.scatter_elements(room, ops.where(known, index, constant(0)), values, axis=1, reduction="add")
    return ops.reshape(filled, ints([-1, depth]))  # tells shape inference the width


def variable_dtype(layer: Layer) -> str:
    """The dtype that the layer's weights would have, Keras' `Layer.dtype`: float32 of a mixed policy, and of bfloat16, which the
    graph holds in it."""
    name = policy_of(layer.config)
    return "float32" if name.startswith("mixed") or name == "bfloat16" else str(own(np.dtype(name)))
