"""Discretization and CategoryEncoding. Source: `keras.src.layers.preprocessing`."""

from __future__ import annotations

import numpy as np

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, constant
from ...emit import emits
from ...layer import Layer
from ...precision import policy_of
from ...tensor import Tensor
from ...values import ints
from .encoding import NOWHERE, encoded


@emits("Discretization")
def discretization(layer: Layer, x: Tensor) -> Tensor:
    """The number of boundaries that a value is not below: NaN is below none. Boundaries are float32 in the original."""
    layer.ignore("num_bins", "epsilon")
    boundaries = layer.get("bin_boundaries")
    if boundaries is None:
        raise UnsupportedError("Discretization without boundaries", hint="adapt it before it is saved")
    values = ops.unsqueeze(cast(x.var, np.float32), ints(x.rank))
    below = ops.less(values, constant(np.asarray(boundaries, np.float32)))
    index = ops.reduce_sum(cast(ops.not_(below), np.int64), ints(-1), keepdims=0)
    return encoded(layer, index, len(boundaries) + 1, "float32")


@emits("CategoryEncoding", rounds=False, converts=False)
def category_encoding(layer: Layer, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
    """Whole numbers as vectors. count_weights: how much each of them counts, of the shape of the inputs."""
    policy = policy_of(layer.config)  # a mixed one answers float32, the type that its weights would have
    dtype = np.dtype(policy) if policy in ("float16", "int32", "int64") else layer.dtype
    number = cast(inputs.var, np.int64)
    counted = ops.where(ops.less(number, constant(np.int64(0))), constant(np.int64(NOWHERE)), number)
    each = None
    if count_weights is not None:
        layer.only("output_mode", "count")
        if not isinstance(count_weights, Tensor) or count_weights.rank != inputs.rank:
            raise UnsupportedError("CategoryEncoding(count_weights=...)", expected="a tensor of the shape of the inputs")
        each = cast(count_weights.var, dtype)
    return encoded(layer, counted, layer.get("num_tokens"), str(dtype), each=each)
