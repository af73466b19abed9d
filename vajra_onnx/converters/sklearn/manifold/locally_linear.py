"""sklearn.manifold._locally_linear."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import LocallyLinearEmbedding

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..linear_systems import solve_positive
from ..neighbors.base import kneighbors


@converts(LocallyLinearEmbedding)
def locally_linear_embedding(model: LocallyLinearEmbedding, block: Block) -> Block:
    """The neighbours' places, weighted so that the weights rebuild the row from its neighbours.

    Source: barycenter_weights: (G + R I) w = 1 with G the products of the neighbours' differences from the row. The fitted rows
    are float64, and so is the system; of float32 data the weights are rounded to float32 where they are stored.
    """
    _, index = kneighbors(model.nbrs_, block)
    x = block.matrix(np.float64)
    points = np.asarray(model.nbrs_._fit_X, np.float64)
    count = model.n_neighbors
    differences = ops.sub(ops.gather(constant_like(x, points), index, axis=0), ops.unsqueeze(x, constant([1])))
    gram = ops.matmul(differences, ops.transpose(differences, perm=[0, 2, 1]))
    identity = constant_like(x, np.eye(count))
    trace = ops.reduce_sum(ops.mul(gram, identity), constant([1, 2]))
    zero, one = constant_like(x, 0.0), constant_like(x, 1.0)
    ridge = ops.mul(ops.where(ops.greater(trace, zero), trace, one), constant_like(x, model.reg))
    ones = ops.add(ops.mul(ops.squeeze(trace, constant([2])), zero), constant_like(x, np.ones((1, count))))
    weights, _ = solve_positive(ops.add(gram, ops.mul(identity, ridge)), ones, count)
    weights = cast(ops.div(weights, ops.reduce_sum(weights, constant([1]))), dtype_of(block.floats()))
    places = ops.gather(constant(model.embedding_.astype(working(np.float64))), index, axis=0)
    wide = cast(ops.unsqueeze(weights, constant([1])), dtype_of(places))
    return Block.matrix_of(ops.squeeze(ops.matmul(wide, places), constant([1])), model.embedding_.shape[1])
