"""keras.layers.preprocessing.image_preprocessing: AutoContrast, which works at inference, too.
Source: `keras.src.layers.preprocessing.image_preprocessing.auto_contrast`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from .....graph import ops
from .....graph.values import constant_like
from ...emit import emits
from ...layer import Layer
from ...refusal import UndecidedError
from ...tensor import Tensor
from ...values import floats, ints

FULL = (0.0, 255.0)


@emits("AutoContrast")
def auto_contrast(layer: Layer, data: Tensor) -> Tensor:
    """Every image and channel stretched to the whole range; one that is all the same stays."""
    layer.ignore("bounding_box_format", "data_format")
    limits = [float(v) for v in layer.get("value_range", FULL)]
    if data.rank != 4:
        raise UndecidedError("AutoContrast", expected="images [N, H, W, C]", got=f"{data.rank} axes")
    kept = floats(layer, data).var
    var = in_range(kept, limits, FULL)
    low, high = (reduce(var, ints([1, 2]), keepdims=1) for reduce in (ops.reduce_min, ops.reduce_max))
    scale = ops.div(constant_like(var, 255.0), ops.sub(high, low))
    stretched = ops.add(ops.mul(var, scale), ops.mul(ops.neg(low), scale))
    result = in_range(ops.clip(stretched, *(constant_like(var, v) for v in FULL)), FULL, limits)
    return Tensor.of(ops.where(ops.isnan(result), kept, result))


def in_range(x: Var, before: Sequence[float], after: Sequence[float]) -> Var:
    """(x - low) / (high - low) * (new high - new low) + new low, in this order; nothing where the two ranges are one."""
    if tuple(before) == tuple(after):
        return x
    (low, high), (new_low, new_high) = ([np.float64(v) for v in r] for r in (before, after))
    unit = ops.div(ops.sub(x, constant_like(x, low)), constant_like(x, high - low))
    return ops.add(ops.mul(unit, constant_like(x, new_high - new_low)), constant_like(x, new_low))
