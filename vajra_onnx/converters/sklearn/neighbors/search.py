"""The nearest points, and among points at the same distance those that scikit-learn's own search would keep.

The search pushes the points, in the order in which it meets them, onto a heap of k (heap_push of sklearn/utils/_heap.pyx);
which of several equally distant points stay is decided by the shape of that heap. Rows without ties need none of this: a
TopK is enough. For rows with ties the graph runs the same heap in a loop, one accepted point of every such row at a time, over
the points alone that the heap could accept: those nearer than the k-th nearest of all blocks of points before theirs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import constant, constant_like
from .introsort import partitioned

Visits = Callable[[Var], tuple[Var, Var]]
BLOCK = 64


def nearest(
    reduced: Var, size: int, k: int, visits: Visits, farthest: float = np.inf, again: Var | None = None
) -> tuple[Var, Var]:
    """The k smallest distances of each row in ascending order, and the points they belong to.

    reduced: [N, size]. visits: rows [T] -> their distances in the order of the search, [T, V], and the points, [T, V] or [1, V];
    points at an infinite distance may fill up. farthest: what the heap holds before there are points, all of them number 0:
    points that are not nearer never enter it. again: boolean, []: whether the heap's places are then pushed onto another one.
    """
    reduced = ops.min([reduced, constant_like(reduced, farthest)]) if np.isfinite(farthest) else reduced
    first, index = smallest(reduced, min(k + 1, size))
    end, start = constant(np.array([k])), constant(np.array([0]))
    axis = constant(np.array([1]))
    values, points = ops.slice(first, start, end, axis), ops.slice(index, start, end, axis)
    neighbours = ops.slice(first, constant(np.array([1])), constant(np.array([k + 1])), axis)
    before = ops.slice(first, start, constant(np.array([min(k, size - 1)])), axis)
    equal = ops.cast(ops.equal(before, neighbours), to=np.int64)
    tied = ops.greater(ops.reduce_sum(equal, axis, keepdims=0), constant(np.int64(0)))
    any_tied = ops.greater(ops.reduce_sum(equal, keepdims=0), constant(np.int64(0)))

    def search() -> list[Var]:
        rows = ops.reshape(ops.non_zero(tied), constant(np.array([-1])))
        held = _heap_search(*_offers(*visits(rows), k), k, farthest)
        kept, at = _sorted(*(held if again is None else _pushed_again(*held, again, k, farthest)), k)
        places = ops.reshape(rows, constant(np.array([-1, 1])))
        return [ops.scatter_nd(values, places, kept), ops.scatter_nd(points, places, at)]

    both = ops.if_(any_tied, then_branch=search, else_branch=lambda: [ops.identity(values), ops.identity(points)])
    shape = constant(np.array([-1, k]))
    found, at = ops.reshape(both[0], shape), ops.reshape(both[1], shape)
    return found, ops.where(ops.less(found, constant_like(found, farthest)), at, constant(np.int64(0)))


def smallest(distances: Var, k: int) -> tuple[Var, Var]:
    """The k smallest of each row in ascending order, and their columns; the first of equal ones first."""
    values, columns = ops.top_k(distances, constant(np.array([k])), largest=0)
    return values, columns


def _offers(distances: Var, points: Var, k: int) -> tuple[Var, Var]:
    """The points, in their order, that are nearer than the k-th nearest of the blocks before theirs; no others could enter the
    heap. [T, V] -> [T, as many as there are at most], filled up with infinite distances."""
    size = int(distances.unwrap_tensor().shape[1])  # type: ignore[index, arg-type]
    blocks = -(-size // BLOCK)
    points = ops.expand(points, ops.shape(distances))
    if blocks < 4:
        return distances, points
    infinite = constant_like(distances, np.inf)
    padded = ops.pad(distances, constant([0, 0, 0, blocks * BLOCK - size]), infinite)
    apart = ops.reshape(padded, constant([-1, blocks, BLOCK]))
    few = min(k, BLOCK)
    best, _ = ops.top_k(apart, constant([few]), axis=2, largest=0)
    best = ops.pad(best, constant([0, 0, 0, 0, 0, k - few]), infinite)
    shift = 1
    while shift < blocks:  # the best of 2, 4, 8, ... blocks up to each
        both = ops.concat([best, _earlier(best, shift, blocks)], axis=2)
        best, _ = ops.top_k(both, constant([k]), axis=2, largest=0)
        shift *= 2
    worst = ops.gather(best, constant([k - 1]), axis=2)
    offered = ops.reshape(ops.less(apart, _earlier(worst, 1, blocks)), constant([-1, blocks * BLOCK]))
    offered = ops.slice(offered, constant([0]), constant([size]), constant([1]))
    return _compressed(distances, points, offered)


def _earlier(x: Var, shift: int, blocks: int) -> Var:
    """What stands so many blocks before each, infinite where there is none. [T, blocks, K] -> the same."""
    moved = ops.pad(x, constant([0, shift, 0, 0, 0, 0]), constant_like(x, np.inf))
    return ops.slice(moved, constant([0]), constant([blocks]), constant([1]))


def _compressed(distances: Var, points: Var, offered: Var) -> tuple[Var, Var]:
    """The offered ones of each row, moved to the left."""
    count = ops.cumsum(ops.cast(offered, to=np.int64), constant(1))
    most = ops.reshape(ops.reduce_max(count, keepdims=0), constant([1]))
    places = ops.transpose(ops.non_zero(offered), perm=[1, 0])
    slots = ops.unsqueeze(ops.sub(ops.gather_nd(count, places), constant(np.int64(1))), constant([1]))
    rows = ops.slice(places, constant([0]), constant([1]), constant([1]))
    targets = ops.concat([rows, slots], axis=1)
    shape = ops.concat([ops.shape(distances, start=0, end=1), most], axis=0)
    empty = ops.expand(constant_like(distances, np.inf), shape)
    none = ops.expand(constant(np.int64(0)), shape)
    return (
        ops.scatter_nd(empty, targets, ops.gather_nd(distances, places)),
        ops.scatter_nd(none, targets, ops.gather_nd(points, places)),
    )


def _heap_search(distances: Var, points: Var, k: int, farthest: float) -> tuple[Var, Var]:
    """What the heap holds, place by place, after all points were offered to it. Both [T, V] -> both [T, k].

    The heap has k places more than it uses, at -inf, so that every place has two children to look at.
    """
    limit = ops.shape(distances, start=1, end=2)
    one = constant(np.int64(1))
    end = ops.squeeze(limit, constant([0]))
    positions = ops.unsqueeze(ops.range(constant(np.int64(0)), end, one), constant([0]))
    rows = ops.shape(distances, start=0, end=1)
    width = 2 * k + 1
    empty = np.where(np.arange(width) < k, farthest, -np.inf).reshape(1, -1)

    def step(_: Var, __: Var, heap: Var, held: Var, last: Var) -> list[Var]:
        heap, held = (ops.reshape(v, constant(np.array([-1, width]))) for v in (heap, held))
        last = ops.reshape(last, constant(np.array([-1, 1])))
        root = ops.slice(heap, constant(np.array([0])), constant(np.array([1])), constant(np.array([1])))
        accepted = ops.and_(ops.less(distances, root), ops.greater(positions, last))
        place = ops.arg_max(ops.cast(accepted, to=np.int32), axis=1, keepdims=1)
        found = ops.gather_elements(accepted, place, axis=1)
        value = ops.gather_elements(distances, place, axis=1)
        heap, held = _push(heap, held, value, ops.gather_elements(points, place, axis=1), found, k)
        more = ops.greater(ops.reduce_sum(ops.cast(found, to=np.int64)), constant(np.array([[0]])))
        after = ops.where(found, place, end)
        return [ops.reshape(more, constant(np.array([1]))), heap, held, after]

    whole = ops.concat([rows, constant(np.array([width]))], axis=0)
    heap = ops.reshape(ops.expand(constant_like(distances, empty), whole), constant(np.array([-1, width])))
    held = ops.reshape(ops.expand(constant(np.zeros((1, width), np.int64)), whole), constant(np.array([-1, width])))
    last = ops.expand(constant(np.array([[-1]])), ops.concat([rows, constant(np.array([1]))], axis=0))
    last = ops.reshape(last, constant(np.array([-1, 1])))
    heap, held, _ = ops.loop(limit, constant(np.array([True])), [heap, held, last], body=step)
    heap, held = (ops.reshape(v, constant(np.array([-1, width]))) for v in (heap, held))
    start, stop, axis = (constant(np.array([i])) for i in (0, k, 1))
    return ops.slice(heap, start, stop, axis), ops.slice(held, start, stop, axis)


def _pushed_again(heap: Var, held: Var, again: Var, k: int, farthest: float) -> tuple[Var, Var]:
    """Where `again` is true, the heap that takes in all places of this one. Both [T, k] -> both [T, k]."""
    both = ops.if_(
        again,
        then_branch=lambda: list(_heap_search(heap, held, k, farthest)),
        else_branch=lambda: [ops.identity(heap), ops.identity(held)],
    )
    shape = constant(np.array([-1, k]))
    return ops.reshape(both[0], shape), ops.reshape(both[1], shape)


def _sorted(heap: Var, held: Var, k: int) -> tuple[Var, Var]:
    """The places of the heap in ascending order, equal ones in that of introsort. Both [T, k] -> both [T, k]."""
    heap, held = partitioned(heap, held, k)
    values, order = smallest(heap, k)
    return values, ops.gather_elements(held, order, axis=1)


def _push(heap: Var, held: Var, value: Var, point: Var, found: Var, k: int) -> tuple[Var, Var]:
    """heap_push: the value takes the root's place and sinks below every larger child, the left one of equal children.

    heap, held: [T, 2 k + 1]; value, point, found: [T, 1]. Rows that are not `found` stay as they are.
    """
    one, two = constant(np.array([[1]])), constant(np.array([[2]]))
    place = ops.mul(ops.cast(found, to=np.int64), constant(np.array([[0]])))
    sinking = found
    for _ in range(k.bit_length() - 1):
        left = ops.add(ops.mul(place, two), one)
        right = ops.add(left, one)
        at_left, at_right = (ops.gather_elements(heap, child, axis=1) for child in (left, right))
        child = ops.where(ops.greater(at_right, at_left), right, left)
        largest = ops.max([at_left, at_right])
        sinking = ops.and_(sinking, ops.less(value, largest))
        heap, held = _write(heap, held, place, largest, ops.gather_elements(held, child, axis=1), sinking)
        place = ops.where(sinking, child, place)
    return _write(heap, held, place, value, point, found)


def _write(heap: Var, held: Var, place: Var, value: Var, point: Var, where: Var) -> tuple[Var, Var]:
    """Value and point at this place of the rows that `where` names."""
    new = (ops.scatter_elements(heap, place, value, axis=1), ops.scatter_elements(held, place, point, axis=1))
    return ops.where(where, new[0], heap), ops.where(where, new[1], held)
