"""sklearn.decomposition._sparse_pca."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import MiniBatchSparsePCA, SparsePCA
from sklearn.linear_model import ridge_regression

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant_like
from ...registry import converts
from ..arrays import wider


@converts(SparsePCA, MiniBatchSparsePCA)
def sparse_pca(model: SparsePCA | MiniBatchSparsePCA, block: Block) -> Block:
    """Ridge regression of each centred row on the components, in the components' dtype.

    The regression is linear in the row, so that its answers for the unit vectors are the matrix to multiply with.
    """
    dtype, features = model.components_.dtype, model.components_.shape[1]
    components = model.components_.T.astype(np.float64)
    unit = ridge_regression(components, np.eye(features), model.ridge_alpha, solver="cholesky")
    x = cast(wider(ops.sub, block.matrix(), model.mean_), working(dtype))
    return Block.matrix_of(ops.matmul(x, constant_like(x, unit)), len(model.components_))
