"""numpy.sum over a whole row-major matrix of any number of rows, in numpy's order of additions.

Source: pairwise_sum in numpy/_core/src/umath/loops_utils.h.src: halves of a multiple of 8 numbers each, down to 128 numbers and
less, whose sums are eight side by side, and what is left over one by one.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.loops import iterate
from ...graph.values import constant, constant_like

LEAF, LANES = 128, 8
# Halved so often, any tensor is down to leaves.
DEPTH = 48


def total(x: Var) -> Var:
    """[N, F] -> [1], in the dtype of x."""
    flat = ops.reshape(x, constant([-1]))
    lengths = _leaves(ops.shape(flat))
    return _joined(_leaf_sums(flat, lengths))


def _leaves(length: Var) -> Var:
    """The lengths of the leaves from left to right, of a full tree: beside a leaf higher up stand empty ones."""

    def halve(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        (lengths,) = states
        half = ops.div(lengths, constant([2]))
        half = ops.sub(half, ops.mod(half, constant([LANES])))
        left = ops.where(ops.greater(lengths, constant([LEAF])), half, lengths)
        both = ops.concat([ops.unsqueeze(v, constant([1])) for v in (left, ops.sub(lengths, left))], axis=1)
        flat = ops.reshape(both, constant([-1]))
        return ops.greater(ops.reduce_max(flat, keepdims=0), constant(np.int64(LEAF))), [flat]

    return iterate(DEPTH, [length], [[-1]], halve)[0]


def _leaf_sums(flat: Var, lengths: Var) -> Var:
    """The sum of each leaf: [L]."""
    ends = ops.unsqueeze(ops.cumsum(lengths, constant(0)), constant([1]))
    count = ops.unsqueeze(lengths, constant([1]))
    main = ops.sub(count, ops.mod(count, constant([[LANES]])))
    inside = ops.concat([flat, constant_like(flat, [0.0])], axis=0)
    nothing = ops.shape(flat)

    def numbers(places: Var, until: Var) -> Var:
        """Those at these places of the leaves, 0 from `until` on."""
        start = ops.sub(ends, count)
        return ops.gather(inside, ops.where(ops.less(places, until), ops.add(places, start), nothing), axis=0)

    lanes = ops.reshape(numbers(constant(np.arange(LEAF).reshape(1, -1)), main), constant([-1, LEAF // LANES, LANES]))
    sums = ops.gather(ops.cumsum(lanes, constant(1)), constant(LEAF // LANES - 1), axis=1)
    for size in (8, 4, 2):
        even, odd = (ops.gather(sums, constant(np.arange(first, size, 2)), axis=1) for first in (0, 1))
        sums = ops.add(even, odd)
    rest = numbers(ops.add(main, constant(np.arange(LANES - 1).reshape(1, -1))), count)
    whole = ops.cumsum(ops.concat([sums, rest], axis=1), constant(1))
    return ops.gather(whole, constant(LANES - 1), axis=1)


def _joined(sums: Var) -> Var:
    """Neighbours are added until one sum is left: [L] -> [1]."""

    def join(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        pairs = ops.reshape(states[0], constant([-1, 2]))
        fresh = ops.add(*(ops.gather(pairs, constant(side), axis=1) for side in (0, 1)))
        return ops.greater(ops.size(fresh), constant(np.int64(1))), [fresh]

    return iterate(DEPTH, [sums], [[-1]], join)[0]
