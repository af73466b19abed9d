"""sklearn.manifold._locally_linear."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import LocallyLinearEmbedding
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.loops import iterate
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..neighbors.base import kneighbors


@converts(LocallyLinearEmbedding)
def locally_linear_embedding(model: LocallyLinearEmbedding, block: Block) -> Block:
    """The neighbours' places, weighted so that the weights rebuild the row from its neighbours.

    Source: barycenter_weights: (G + R I) w = 1 with G the products of the neighbours' differences from the row.
    """
    if block.dtype == np.float32:
        raise UnsupportedError(
            "LocallyLinearEmbedding of float32",
            expected="float64",
            got="float32",
            hint="scikit-learn solves a linear system in float32 then, whose digits are its own; cast the data to float64",
        )
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
    weights = _solved(ops.add(gram, ops.mul(identity, ridge)), count)
    weights = ops.div(weights, ops.reduce_sum(weights, constant([1])))
    places = ops.gather(constant(model.embedding_.astype(working(np.float64))), index, axis=0)
    wide = cast(ops.unsqueeze(weights, constant([1])), dtype_of(places))
    return Block.matrix_of(ops.squeeze(ops.matmul(wide, places), constant([1])), model.embedding_.shape[1])


def _solved(matrices: Var, size: int) -> Var:
    """The solutions of positive definite systems with ones on the right side, by Gauss-Jordan elimination, which needs no
    pivoting for them. [N, size, size] -> [N, size]."""
    ones = ops.pad(matrices, constant([0, 0, 0, 0, 0, 1]), constant_like(matrices, 1.0))

    def step(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        (system,) = states
        at = ops.reshape(i, constant([1]))
        row = ops.gather(system, at, axis=1)
        row = ops.div(row, ops.gather(row, at, axis=2))
        rest = ops.sub(system, ops.mul(ops.gather(system, at, axis=2), row))
        here = ops.equal(constant(np.arange(size).reshape(1, size, 1)), i)
        return constant(np.array([True])), [ops.where(here, row, rest)]

    (solved,) = iterate(size, [ones], [(-1, size, size + 1)], step)
    return ops.gather(solved, constant(np.int64(size)), axis=2)
