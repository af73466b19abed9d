"""Discretization and CategoryEncoding. Source: `keras.src.layers.preprocessing`."""

from __future__ import annotations

import numpy as np

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, constant
from ...backend import answers_as
from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import ints
from .encoding import NOWHERE, encoded, variable_dtype

TINY = np.finfo(np.float32).tiny  # TensorFlow takes numbers closer to 0 for 0


@emits("Discretization")
def discretization(layer: Layer, x: Tensor) -> Tensor:
    """The number of boundaries that a value is not below: NaN is below none. Boundaries are float32 in the original."""
    layer.ignore("num_bins", "epsilon")
    boundaries = layer.get("bin_boundaries")
    if boundaries is None:
        raise UnsupportedError("Discretization without boundaries", hint="adapt it before it is saved")
    edges, values = np.asarray(boundaries, np.float32), cast(x.var, np.float32)
    if (np.abs(edges) < TINY).any() and answers_as("tensorflow"):
        values = ops.where(ops.less(ops.abs(values), constant(TINY)), constant(np.float32(0)), values)
        edges = np.where(np.abs(edges) < TINY, np.float32(0), edges)
    below = ops.less(ops.unsqueeze(values, ints(x.rank)), constant(edges))
    index = ops.reduce_sum(cast(ops.not_(below), np.int64), ints(-1), keepdims=0)
    vectors = "float32" if layer.half else variable_dtype(layer)  # half precision is made of it when all is done
    return encoded(layer, index, len(boundaries) + 1, vectors, whole="int32")


@emits("CategoryEncoding", rounds=False, converts=False)
def category_encoding(layer: Layer, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
    """Whole numbers as vectors. count_weights: how much each of them counts, of the shape of the inputs."""
    dtype = variable_dtype(layer)
    number = cast(inputs.var, np.int64)
    counted = ops.where(ops.less(number, constant(np.int64(0))), constant(np.int64(NOWHERE)), number)
    each = None
    if count_weights is not None:
        layer.only("output_mode", "count")
        if not isinstance(count_weights, Tensor) or count_weights.rank != inputs.rank:
            raise UnsupportedError("CategoryEncoding(count_weights=...)", expected="a tensor of the shape of the inputs")
        each = cast(count_weights.var, dtype)
    return encoded(layer, counted, layer.get("num_tokens"), dtype, each=each)
