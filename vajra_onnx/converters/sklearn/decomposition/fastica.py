"""sklearn.decomposition._fastica."""

from __future__ import annotations

from sklearn.decomposition import FastICA

from ....graph import ops
from ....graph.block import Block
from ...registry import converts
from ..arrays import in_place, wider


@converts(FastICA)
def fast_ica(model: FastICA, block: Block) -> Block:
    """(x - mean) @ components.T; without whitening there is no mean."""
    x = block.floats()
    if model.whiten:
        x = in_place(ops.sub, x, model.mean_)
    return Block.matrix_of(wider(ops.matmul, x, model.components_.T), len(model.components_))
