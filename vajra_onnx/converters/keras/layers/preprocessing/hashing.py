"""Hashing and HashedCrossing: values to the buckets of their hashes. Source: `keras.src.layers.preprocessing`."""

from __future__ import annotations

import numpy as np

from .....errors import UnsupportedError
from .....frames.missing import encode_text
from .....graph import ops
from .....graph.bits import bits
from .....graph.values import cast, constant, constant_like
from ...emit import emits
from ...hashes.buckets import buckets, hashed
from ...hashes.farm import fingerprint, fingerprint_of_two, remainder
from ...layer import Layer
from ...tensor import Tensor
from ...values import ints
from .encoding import encoded, variable_dtype

# `tf.sparse.cross_hashed` starts from this where it is given no key.
CROSSING_KEY = 0xDECAFCAFFE


@emits("Hashing", rounds=False, converts=False)
def hashing(layer: Layer, x: Tensor) -> Tensor:
    """The bucket of each value: floats are cut off to whole numbers, those are hashed as text. The mask has bucket 0."""
    layer.ignore("output_mode", "sparse")
    count, mask = int(layer.get("num_bins")), layer.get("mask_value")
    if x.dtype.kind == "b":
        raise UnsupportedError("Hashing of booleans", expected="text or numbers")
    salt = layer.get("salt")
    masked = mask is not None and count > 1
    values = x.var if x.dtype.kind == "U" else cast(x.var, np.int64)
    index = buckets(values, count - masked, [salt, salt] if isinstance(salt, int) else salt)
    if masked:
        # A number beyond the range of the values' type wraps around, as TensorFlow's does on its way into a tensor.
        alike = np.asarray(encode_text(mask), np.str_) if x.dtype.kind == "U" else np.asarray(mask).astype(x.dtype)
        here = ops.equal(x.var, constant_like(x.var, alike))
        index = ops.where(here, constant(np.int64(0)), ops.add(index, constant(np.int64(1))))
    dtype = variable_dtype(layer)
    if layer.get("output_mode") == "one_hot" and x.rank > 1 and x.shape[-1] == 1:
        index = ops.squeeze(index, ints(-1))  # Hashing drops a last axis of size 1, then the encoding another one
    return encoded(layer, index, count, dtype, whole=dtype)


@emits("HashedCrossing", rounds=False, converts=False)
def hashed_crossing(layer: Layer, inputs: list[Tensor]) -> Tensor:
    """The bucket of several values together. Text enters by its fingerprint, a whole number as it is.

    Source: `HashCrosser` of TensorFlow's sparse_cross_op.cc.
    """
    total = bits(CROSSING_KEY)
    for x in inputs:
        if x.dtype.kind not in "Uiu":
            raise UnsupportedError("HashedCrossing", expected="text or whole numbers", got=str(x.dtype))
        total = fingerprint_of_two(total, hashed(x.var, fingerprint) if x.dtype.kind == "U" else cast(x.var, np.int64))
    count = int(layer.get("num_bins"))
    dtype = variable_dtype(layer)
    return encoded(layer, remainder(total, count), count, dtype, whole=dtype)
