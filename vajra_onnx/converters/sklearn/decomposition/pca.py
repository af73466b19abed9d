"""sklearn.decomposition._pca."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA, IncrementalPCA

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import constant_like, dtype_of
from ...registry import converts
from ..arrays import in_place, wider


@converts(PCA)
def pca(model: PCA | IncrementalPCA, block: Block) -> Block:
    """x @ components.T - mean @ components.T, centred after the projection as scikit-learn does, then whitened."""
    projection = model.components_.T
    offset = model.mean_.reshape(1, -1) @ projection
    x = block.floats()
    if dtype_of(x) == working(np.result_type(dtype_of(x), projection, offset)):
        y = ops.gemm(x, constant_like(x, projection), constant_like(x, -offset))
    else:
        y = in_place(ops.sub, wider(ops.matmul, x, projection), offset)
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        y = in_place(ops.div, y, np.maximum(scale, np.finfo(scale.dtype).eps))
    return Block.matrix_of(y, len(model.components_))
