"""The order in which scikit-learn sorts neighbours, equally distant ones among them (sklearn/utils/_sorting.pyx).

Introsort parts what is longer than 15 around a pivot, which moves equal values past each other, and sorts what is left by
insertion, which does not: parted alike, a stable sort gives the same order. Where pivots are so bad that the original gives up
on them and takes to heapsort, equally distant neighbours are in another order here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.loops import iterate
from ....graph.values import constant

SMALL = 15
AXIS = np.array([1])


@dataclass(frozen=True)
class Pairs:
    """Values and what they belong to, both [T, k]."""

    values: Var
    held: Var
    k: int

    def at(self, place: Var) -> Var:
        """The values at these places: [T, 1]."""
        return ops.gather_elements(self.values, place, axis=1)

    def swapped(self, where: Var, a: Var, b: Var) -> Pairs:
        """With places a and b exchanged in the rows that `where` names: [T, 1] each."""
        b = ops.where(where, b, a)
        positions = constant(np.arange(self.k).reshape(1, -1))
        source = ops.where(ops.equal(positions, a), b, ops.where(ops.equal(positions, b), a, positions))
        values, held = (ops.gather_elements(each, source, axis=1) for each in (self.values, self.held))
        return Pairs(values, held, self.k)


def parted(values: Var, held: Var, k: int) -> tuple[Var, Var]:
    """Both [T, k], parted around pivots until no part is longer than 15. Source: introsort_2way.

    The parts are taken from left to right: start is where the next one begins, pivots are where parts end.
    """
    positions, one = constant(np.arange(k).reshape(1, -1)), constant(np.array([[1]]))

    def step(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        pairs, pivots, start = Pairs(states[0], states[1], k), states[2], states[3]
        ends = ops.and_(pivots, ops.greater_or_equal(positions, start))
        end = ops.reduce_min(ops.where(ends, positions, constant(np.array([[k]]))), constant(AXIS))
        length = ops.sub(end, start)
        long = ops.greater(length, constant(np.array([[SMALL]])))
        first, last, middle = (
            ops.where(long, place, constant(np.array([[0]])))
            for place in (start, ops.sub(end, one), ops.add(start, ops.div(length, constant(np.array([[2]])))))
        )
        pairs = _with_median_last(pairs, long, first, middle, last)
        pairs, pivot = _around(pairs, long, ops.add(first, one), last, k)
        pivots = ops.or_(pivots, ops.and_(long, ops.equal(positions, pivot)))
        start = ops.where(long, start, ops.add(end, one))
        unfinished = ops.less(ops.reduce_min(start, keepdims=0), constant(np.int64(k)))
        return unfinished, [pairs.values, pairs.held, pivots, start]

    nothing = ops.mul(held, constant(np.array([[0]])))
    begin = ops.slice(nothing, constant([0]), constant([1]), constant([1]))
    states = [values, held, ops.less(nothing, constant(np.array([[0]]))), begin]
    found = iterate(2 * k, states, [[-1, k]] * 3 + [[-1, 1]], step)
    return found[0], found[1]


def _with_median_last(pairs: Pairs, where: Var, first: Var, middle: Var, last: Var) -> Pairs:
    """The median of three values at the end. Source: inplace_median3."""
    pairs = pairs.swapped(ops.and_(where, ops.greater(pairs.at(first), pairs.at(last))), first, last)
    larger = ops.and_(where, ops.greater(pairs.at(last), pairs.at(middle)))
    pairs = pairs.swapped(larger, last, middle)
    return pairs.swapped(ops.and_(larger, ops.greater(pairs.at(first), pairs.at(last))), first, last)


def _around(pairs: Pairs, where: Var, left: Var, last: Var, k: int) -> tuple[Pairs, Var]:
    """Smaller values before the pivot, which stands at `last`, larger ones behind it; and its new place."""
    positions, one = constant(np.arange(k).reshape(1, -1)), constant(np.array([[1]]))
    pivot = pairs.at(last)

    def step(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        now, i, j, going = Pairs(states[0], states[1], k), states[2], states[3], states[4]
        from_left = ops.and_(ops.greater_or_equal(now.values, pivot), ops.greater_or_equal(positions, i))
        at = ops.reduce_min(ops.where(from_left, positions, constant(np.array([[k]]))), constant(AXIS))
        at = ops.where(ops.less_or_equal(i, j), ops.min([at, ops.add(j, one)]), i)
        from_right = ops.and_(ops.less_or_equal(now.values, pivot), ops.less_or_equal(positions, j))
        to = ops.reduce_max(ops.where(from_right, positions, constant(np.array([[-1]]))), constant(AXIS))
        to = ops.where(ops.less_or_equal(at, j), ops.max([to, ops.sub(at, one)]), j)
        i, j = ops.where(going, at, i), ops.where(going, to, j)
        going = ops.and_(going, ops.less(i, j))
        now = now.swapped(going, i, j)
        i, j = ops.where(going, ops.add(i, one), i), ops.where(going, ops.sub(j, one), j)
        more = ops.greater(ops.reduce_max(ops.cast(going, to=np.int32), keepdims=0), constant(np.int32(0)))
        return more, [now.values, now.held, i, j, going]

    shapes = [[-1, k]] * 2 + [[-1, 1]] * 3
    found = iterate(k, [pairs.values, pairs.held, left, ops.sub(last, one), where], shapes, step)
    return Pairs(found[0], found[1], k).swapped(where, found[2], last), found[2]
