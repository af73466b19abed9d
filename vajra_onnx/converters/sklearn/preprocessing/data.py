"""sklearn.preprocessing._data: the scalers."""

from __future__ import annotations

from sklearn.preprocessing import StandardScaler

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant_like
from ...registry import converts


@converts(StandardScaler)
def standard_scaler(scaler: StandardScaler, block: Block) -> Block:
    """(x - mean) / scale, in this order and in scikit-learn's own dtype: a product with 1 / scale differs by an ulp."""
    x = block.floats()
    if scaler.with_mean:
        x = ops.sub(x, constant_like(x, scaler.mean_))
    if scaler.with_std:
        x = ops.div(x, constant_like(x, scaler.scale_))
    return Block.matrix_of(x, block.width, sparse=block.sparse)
