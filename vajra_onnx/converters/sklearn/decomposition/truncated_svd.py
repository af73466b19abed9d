"""sklearn.decomposition._truncated_svd."""

from __future__ import annotations

from sklearn.decomposition import TruncatedSVD

from ....graph import ops
from ....graph.block import Block
from ...registry import converts
from ..arrays import wider


@converts(TruncatedSVD)
def truncated_svd(model: TruncatedSVD, block: Block) -> Block:
    """x @ components.T, in the wider of the two types."""
    return Block.matrix_of(wider(ops.matmul, block.matrix(), model.components_.T), len(model.components_))
