"""The order in which scikit-learn leaves equally distant neighbours: introsort, which is not stable above 15 elements.

Source: simultaneous_sort of sklearn/utils/_sorting.pyx: quicksort around the median of three until parts have 15 elements,
then insertion sort. Parts do not touch each other, so that here all parts of all rows are cut at the same time. Hoare's
partition swaps the m-th element from the left that is not below the pivot with the m-th from the right that is not above it,
as long as the first is left of the second. The fall-back to heapsort after 2 log2(k) cuts is left out: below 36 elements
it cannot happen, above it would need elements in an order made for it.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.loops import iterate
from ....graph.values import cast, constant

SMALL = 15


def partitioned(values: Var, points: Var, k: int) -> tuple[Var, Var]:
    """Both in the order that quicksort leaves to the final, stable sort. [T, k] each."""
    if k <= SMALL:
        return values, points
    place = constant(np.arange(k).reshape(1, -1))
    none = ops.mul(ops.cast(points, to=np.int64), constant(np.int64(0)))

    def cut(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        values, points, start, stop = states
        large = ops.greater(ops.sub(stop, start), constant(np.int64(SMALL)))
        last = ops.sub(stop, constant(np.int64(1)))
        order = _median_of_three(values, place, start, stop, last, large)
        values, points = _taken(values, order), _taken(points, order)
        order, pivot = _hoare(values, place, start, last, large, k)
        values, points = _taken(values, order), _taken(points, order)
        after = ops.add(pivot, constant(np.int64(1)))
        left, right = ops.less(place, pivot), ops.greater(place, pivot)
        start, stop = (
            ops.where(large, ops.where(right, after, ops.where(left, start, place)), start),
            ops.where(large, ops.where(left, pivot, ops.where(right, stop, after)), stop),
        )
        more = ops.greater(ops.reduce_max(ops.sub(stop, start), keepdims=0), constant(np.int64(SMALL)))
        return more, [values, points, start, stop]

    whole = ops.add(none, constant(np.int64(k)))
    final = iterate(k - SMALL, [values, points, none, whole], [(-1, k)] * 4, cut)
    return final[0], final[1]


def _taken(values: Var, order: Var) -> Var:
    return ops.gather_elements(values, order, axis=1)


def _median_of_three(values: Var, place: Var, start: Var, stop: Var, last: Var, large: Var) -> Var:
    """The permutation of inplace_median3: the smallest of the three goes first, the median last, the largest to the middle."""
    middle = ops.add(start, ops.div(ops.sub(stop, start), constant(np.int64(2))))
    first = (start, _taken(values, start))
    centre = (middle, _taken(values, middle))
    end = (last, _taken(values, last))
    first, end = _swapped(first, end, ops.greater(first[1], end[1]))
    turned = ops.greater(end[1], centre[1])
    end, centre = _swapped(end, centre, turned)
    first, end = _swapped(first, end, ops.and_(turned, ops.greater(first[1], end[1])))
    order = ops.where(ops.equal(place, last), end[0], place)
    order = ops.where(ops.equal(place, middle), centre[0], order)
    return ops.where(large, ops.where(ops.equal(place, start), first[0], order), place)


def _swapped(a: tuple[Var, Var], b: tuple[Var, Var], where: Var) -> tuple[tuple[Var, Var], tuple[Var, Var]]:
    first = (ops.where(where, b[0], a[0]), ops.where(where, b[1], a[1]))
    return first, (ops.where(where, a[0], b[0]), ops.where(where, a[1], b[1]))


def _hoare(values: Var, place: Var, start: Var, last: Var, large: Var, k: int) -> tuple[Var, Var]:
    """The permutation of one partition, the pivot's swap included, and where the pivot goes: [T, k] each."""
    one, spare = constant(np.int64(1)), constant(np.int64(k))
    pivot = _taken(values, last)
    inner = ops.and_(large, ops.and_(ops.greater(place, start), ops.less(place, last)))
    high = ops.and_(inner, ops.greater_or_equal(values, pivot))
    low = ops.and_(inner, ops.less_or_equal(values, pivot))
    highs, lows = (ops.cumsum(cast(which, np.int64), constant(1)) for which in (high, low))
    from_left = ops.add(start, ops.sub(ops.sub(highs, _taken(highs, start)), one))
    from_right = ops.add(start, ops.sub(_taken(lows, last), lows))
    wide = ops.add(ops.mul(start, constant(np.int64(0))), place)
    left = _scattered(last, ops.where(high, from_left, spare), wide)
    right = _scattered(start, ops.where(low, from_right, spare), wide)
    swaps = ops.and_(large, ops.less(left, right))
    done = ops.cumsum(cast(swaps, np.int64), constant(1))
    count = ops.add(ops.sub(_taken(done, last), _taken(done, start)), cast(_taken(swaps, start), np.int64))
    next_left = _taken(left, ops.min([ops.add(start, count), last]))
    before = _taken(right, ops.max([ops.sub(ops.add(start, count), one), start]))
    at = ops.min([next_left, ops.where(ops.greater(count, constant(np.int64(0))), before, last)])
    order = _scattered(wide, ops.where(swaps, left, spare), right)
    order = _scattered(order, ops.where(swaps, right, spare), left)
    to_last = ops.where(ops.equal(place, at), last, ops.where(ops.equal(place, last), at, place))
    return _taken(order, ops.where(large, to_last, wide)), at


def _scattered(into: Var, places: Var, values: Var) -> Var:
    """`into` with the values at these places; place k is dropped."""
    wide = ops.pad(into, constant([0, 0, 0, 1]), constant(np.int64(0)))
    written = ops.scatter_elements(wide, places, values, axis=1)
    return ops.slice(written, constant([0]), constant([-1]), constant([1]))
