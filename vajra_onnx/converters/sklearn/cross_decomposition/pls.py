"""sklearn.cross_decomposition._pls."""

from __future__ import annotations

import numpy as np
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant
from ...registry import Outputs, converts
from ..arrays import in_place, wider


@converts(PLSRegression, PLSCanonical, CCA)
def pls(model: PLSRegression | PLSCanonical | CCA, block: Block) -> Outputs:
    """predict: (x - mean) @ coef.T + intercept, [N] or [N, K] as the targets were; transform: the scores of the rows."""
    centered = in_place(ops.sub, block.floats(), model._x_mean)
    predicted = wider(ops.add, wider(ops.matmul, centered, model.coef_.T), model.intercept_)
    if model._predict_1d:
        predicted = ops.reshape(predicted, constant(np.array([-1])))
    scores = wider(ops.matmul, in_place(ops.div, centered, model._x_std), model.x_rotations_)
    return {"predict": predicted, "transform": Block.matrix_of(scores, model.x_rotations_.shape[1])}


@converts(PLSSVD)
def pls_svd(model: PLSSVD, block: Block) -> Block:
    """(x - mean) / std @ weights, in float64."""
    x = wider(ops.div, wider(ops.sub, block.matrix(np.float64), model._x_mean), model._x_std)
    return Block.matrix_of(wider(ops.matmul, x, model.x_weights_), model.x_weights_.shape[1])
