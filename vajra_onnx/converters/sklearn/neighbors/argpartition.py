"""The nearest points as numpy.argpartition finds them, and the rows whose answer it leaves open.

Which of several equally distant points argpartition keeps, and in which order argsort puts them, is up to the processor: both are
written with its vector instructions. A row whose answer depends on it has no right answer to be equal to, and is refused: of
integers and of metrics that count, where equal distances are ordinary, whatever points they belong to; elsewhere where they are
those of copies of one fitted point.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.refuse import refuse_where
from ....graph.values import constant, constant_like, dtype_of

MESSAGE = (
    "brute force: expected neighbours at different distances, got equally distant ones, of which numpy.argpartition may keep any "
    "(hint: floats of the fitted type and algorithm='kd_tree' have an order)"
)


def partition(to_points: Var, k: int, points: np.ndarray, matter: np.ndarray | None, ordered: bool) -> tuple[Var, Var]:
    """The k smallest distances of each row, ascending, and their points; the first of equal ones first. NaN is infinite here.

    to_points: [N, size]. Rows that have a choice between copies of a point are refused. points: [size, F], the fitted ones.
    matter, ordered: see `checked_partition`.
    """
    copies = _copies(points, None if ordered else matter)
    known, size = _without_nan(to_points), len(points)
    _, index = ops.top_k(known, constant([min(k + 1, size)]), largest=0)
    nearest = ops.slice(index, constant([0]), constant([k]), constant([1]))
    if copies is not None and size > 1:
        group = ops.gather(constant(copies), index, axis=0)
        before = ops.slice(group, constant([0]), constant([-1]), constant([1]))
        same = ops.and_(ops.equal(before, _from(group, 1)), ops.greater_or_equal(before, constant(np.int64(0))))
        if ordered or k < size:
            nearest = _refused(nearest, same if ordered else _from(same, k - 1))
    return ops.gather_elements(to_points, nearest, axis=1), nearest


def _copies(points: np.ndarray, matter: np.ndarray | None) -> np.ndarray | None:
    """The number of the group of copies that each point belongs to, [size]; -1 for points without a copy, and for copies that
    agree in what matters. None where there is no group."""
    group = np.unique(points, axis=0, return_inverse=True)[1].ravel()
    what = np.arange(len(points)) if matter is None else matter
    kinds = np.unique(what.reshape(len(points), -1), axis=0, return_inverse=True)[1]
    pairs = np.unique(np.stack([group, kinds.ravel()]), axis=1)[0]
    differ = np.flatnonzero(np.bincount(pairs, minlength=group.max() + 1) > 1)
    return np.where(np.isin(group, differ), group, -1).astype(np.int64) if len(differ) else None


def checked_partition(
    to_points: Var, size: int, k: int, slack: float, matter: np.ndarray | None, ordered: bool
) -> tuple[Var, Var]:
    """The same, and rows that have a choice are refused.

    slack: distances as near to each other as this are equal. matter: [size, ...], what the caller reads of
    a point, or None for its number: equally distant points that agree in it are no choice. ordered: whether their order matters.
    """
    to_points = _without_nan(to_points)
    first, index = ops.top_k(to_points, constant([min(k + 1, size)]), largest=0)
    values, points = (ops.slice(v, constant([0]), constant([k]), constant([1])) for v in (first, index))
    gap = ops.sub(_from(first, 1), ops.slice(first, constant([0]), constant([-1]), constant([1])))
    equal = ops.or_(ops.less_or_equal(gap, constant_like(gap, slack)), ops.isnan(gap))  # inf - inf
    if ordered and min(k, size - 1):
        return values, _refused(points, equal)
    if k == size:
        return values, points
    open_ = _from(equal, k - 1)
    if matter is not None:
        open_ = ops.and_(open_, _differ(to_points, _from(values, k - 1), slack, matter.reshape(size, -1)))
    return values, _refused(points, open_)


def _without_nan(to_points: Var) -> Var:
    return ops.where(ops.isnan(to_points), constant_like(to_points, np.inf), to_points)


def _differ(to_points: Var, last: Var, slack: float, matter: np.ndarray) -> Var:
    """Whether the points at the distance of the last neighbour differ in what matters. last: [N, 1] -> [N, 1]."""
    group = np.unique(matter, axis=0, return_inverse=True)[1].reshape(1, -1)
    away = ops.sub(to_points, last)
    there = ops.or_(ops.less_or_equal(ops.abs(away), constant_like(away, slack)), ops.isnan(away))
    groups, axis = constant(group.astype(np.int64)), constant([1])
    most = ops.reduce_max(ops.where(there, groups, constant(np.int64(-1))), axis)
    least = ops.reduce_min(ops.where(there, groups, constant(np.int64(matter.shape[0]))), axis)
    return ops.greater(most, least)


def _refused(points: Var, wrong: Var) -> Var:
    """wrong: [N, any]."""
    any_wrong = ops.greater(ops.reduce_sum(ops.cast(wrong, to=dtype_of(points).type), constant([1])), constant(np.int64(0)))
    return refuse_where(points, any_wrong, MESSAGE)


def _from(x: Var, start: int) -> Var:
    return ops.slice(x, constant([start]), constant([np.iinfo(np.int64).max]), constant([1]))
