"""sklearn.decomposition._truncated_svd."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import TruncatedSVD

from ....graph.block import Block
from ...registry import converts
from ..linear_model.base import dot


@converts(TruncatedSVD)
def truncated_svd(model: TruncatedSVD, block: Block) -> Block:
    """x @ components.T, in the wider of the two types."""
    components = model.components_
    return Block.matrix_of(dot(block, components.T, np.result_type(block.dtype, components)), len(components))
