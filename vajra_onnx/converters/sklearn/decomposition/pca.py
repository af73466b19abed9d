"""sklearn.decomposition._pca."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA, IncrementalPCA

from ....graph import ops
from ....graph.block import Block
from ...registry import converts
from ..arrays import in_place, wider


@converts(PCA)
def pca(model: PCA | IncrementalPCA, block: Block) -> Block:
    """x @ components.T - mean @ components.T, centred after the projection as scikit-learn does, then whitened."""
    projection = model.components_.T
    y = wider(ops.matmul, block.floats(), projection)
    y = in_place(ops.sub, y, model.mean_.reshape(1, -1) @ projection)
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        y = in_place(ops.div, y, np.maximum(scale, np.finfo(scale.dtype).eps))
    return Block.matrix_of(y, len(model.components_))
