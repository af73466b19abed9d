"""sklearn.decomposition._pca."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA, IncrementalPCA

from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.origins import Product
from ....graph.target import current
from ....graph.values import constant_like, dtype_of
from ...registry import converts
from ..arrays import in_place, wider
from ..linear_model.base import multiplied


@converts(PCA)
def pca(model: PCA | IncrementalPCA, block: Block) -> Block:
    """x @ components.T - mean @ components.T, centred after the projection as scikit-learn does, then whitened."""
    projection = model.components_.T
    offset = model.mean_.reshape(1, -1) @ projection
    x = block.floats()
    product = None
    if dtype_of(x) == working(np.result_type(dtype_of(x), projection, offset)):
        source, matrix, start = multiplied(block, projection, -np.ravel(offset))
        x = source.floats()
        y = ops.gemm(x, constant_like(x, matrix), constant_like(x, start))
        if current().mode == "fast" and not model.whiten:
            product = Product(x, matrix, np.asarray(start))
    else:
        y = in_place(ops.sub, wider(ops.matmul, x, projection), offset)
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        y = in_place(ops.div, y, np.maximum(scale, np.finfo(scale.dtype).eps))
    return Block((Part(y, len(model.components_), product=product),))
