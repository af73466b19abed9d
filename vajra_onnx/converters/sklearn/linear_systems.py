"""Small positive definite systems, one per row."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.loops import iterate
from ...graph.values import constant, constant_like


def solve_positive(matrices: Var, right: Var, size: int) -> tuple[Var, Var]:
    """Solutions and last pivots, by Gauss-Jordan elimination, which needs no pivoting for positive definite matrices.

    The last pivot is what is left of the last diagonal element: the square of the last one of the Cholesky factor.
    matrices: [N, size, size], right: [N, size] -> [N, size], [N, 1].
    """

    def step(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        system, _ = states
        at = ops.reshape(i, constant([1]))
        row = ops.gather(system, at, axis=1)
        pivot = ops.gather(row, at, axis=2)
        row = ops.div(row, pivot)
        rest = ops.sub(system, ops.mul(ops.gather(system, at, axis=2), row))
        here = ops.equal(constant(np.arange(size).reshape(1, size, 1)), i)
        return constant(np.array([True])), [ops.where(here, row, rest), pivot]

    system = ops.concat([matrices, ops.unsqueeze(right, constant([2]))], axis=2)
    first = ops.mul(ops.slice(right, constant([0]), constant([1]), constant([1])), constant_like(right, 0.0))
    solved, pivot = iterate(size, [system, first], [(-1, size, size + 1), (-1, 1)], step)
    return ops.gather(solved, constant(np.int64(size)), axis=2), pivot
