"""sklearn.random_projection."""

from __future__ import annotations

import numpy as np
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from ...graph import ops
from ...graph.block import Block
from ..registry import converts
from .arrays import wider


@converts(GaussianRandomProjection)
def gaussian_random_projection(model: GaussianRandomProjection, block: Block) -> Block:
    """x @ components.T."""
    return Block.matrix_of(wider(ops.matmul, block.floats(), model.components_.T), len(model.components_))


@converts(SparseRandomProjection)
def sparse_random_projection(model: SparseRandomProjection, block: Block) -> Block:
    """x @ components.T, a sparse matrix where x is one, unless `dense_output`."""
    components = np.ascontiguousarray(model.components_.toarray().T)
    sparse = block.sparse and not model.dense_output
    return Block.matrix_of(wider(ops.matmul, block.floats(), components), components.shape[1], sparse=sparse)
