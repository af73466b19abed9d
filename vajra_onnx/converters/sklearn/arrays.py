"""numpy, as scikit-learn's meta-estimators use it on the answers of several estimators: the same dtypes, the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.target import current
from ...graph.values import cast, concat, constant, constant_like, dtype_of, width_of

Operator = Callable[[Var, Var], Var]


def in_place(operator: Operator, x: Var, value: npt.ArrayLike) -> Var:
    """`x += value` and its like: numpy computes in the wider of the two types, and rounds the result to that of `x`."""
    array = np.asarray(value)
    wide = working(np.result_type(dtype_of(x), array.dtype))
    return cast(operator(cast(x, wide), constant(array, wide)), dtype_of(x))


def wider(operator: Operator, x: Var, value: np.ndarray) -> Var:
    """`operator(x, value)` in the wider of the two types."""
    wide = working(np.result_type(dtype_of(x), value.dtype))
    return operator(cast(x, wide), constant(value, wide))


def added(x: Var, value: npt.ArrayLike) -> Var:
    """`x + value` in the wider of the two types; a number of Python has none of its own."""
    wide = cast(x, working(np.result_type(dtype_of(x), value)))
    return ops.add(wide, constant_like(wide, value))


def promoted(parts: Sequence[Var]) -> list[Var]:
    """The parts in their common type, as numpy.asarray of a list of arrays."""
    common = np.result_type(*(dtype_of(p) for p in parts))
    return [cast(p, common) for p in parts]


def is_vector(x: Var) -> bool:
    """Whether `x` is [N] and not [N, K]."""
    return len(x.unwrap_tensor().shape or ()) == 1


def as_columns(x: Var) -> Var:
    """[N] becomes [N, 1]; [N, K] stays."""
    return ops.reshape(x, constant([-1, 1])) if is_vector(x) else x


def column(x: Var, index: int) -> Var:
    """One column of [N, K], as [N]."""
    if index == 0 and width_of(x) == 1:
        return ops.reshape(x, constant([-1]))
    return ops.gather(x, constant(np.int64(index)), axis=1)


def hstack(parts: Sequence[Var]) -> Var:
    """numpy.hstack of [N, K] and of [N], which stands for one column."""
    return concat([as_columns(p) for p in promoted(parts)])


def add_up(parts: Sequence[Var]) -> Var:
    """The sum of the parts, one after the other: numpy's order over an axis that is not the innermost one."""
    return parts[0] if len(parts) == 1 else ops.sum(list(parts))


def mean(parts: Sequence[Var]) -> Var:
    """numpy.mean over the parts: their sum, divided by their number."""
    same = _floats(promoted(parts))
    return ops.div(add_up(same), constant_like(same[0], len(parts)))


def average(parts: Sequence[Var], weights: Sequence[float] | None) -> Var:
    """numpy.average over the parts: mostly float64, for that is what a list of weights is."""
    if weights is None:
        return mean(parts)
    kinds = [dtype_of(p) for p in parts]
    integers = [np.dtype(np.float64)] if all(kind.kind != "f" for kind in kinds) else []
    common = working(np.result_type(*kinds, np.asarray(weights).dtype, *integers))
    values = np.asarray(weights, common)
    products = [ops.mul(cast(p, common), constant(w)) for p, w in zip(parts, values, strict=True)]
    return ops.div(add_up(products), constant(values.sum()))


def row_sums(columns: Sequence[Var]) -> Var:
    """numpy.sum(x, axis=1) of a row-major matrix with these columns: eight sums side by side from eight columns on.

    Source: pairwise_sum in numpy/_core/src/umath/loops_utils.h.src, for at most 128 columns; above, an order of our own.
    """
    count = len(columns) - len(columns) % 8
    if not count:
        return add_up(columns)
    lanes = [add_up(columns[lane:count:8]) for lane in range(8)]
    while len(lanes) > 1:
        lanes = [ops.add(a, b) for a, b in zip(lanes[::2], lanes[1::2], strict=True)]
    return add_up([*lanes, *columns[count:]])


def pairwise_sums(x: Var, width: int) -> Var:
    """numpy.sum(x, axis=1) of a row-major matrix of this width, in numpy's order. [N, width] -> [N].

    Source: pairwise_sum: halves of a multiple of 8 columns each, down to 128 columns and less, whose sums are eight side by side.
    The leaves are summed together, filled up with zeros, which change no sum. Fewer than 8 columns are added one after the other.
    """
    if current().mode == "fast":
        return ops.reduce_sum(x, constant([1]), keepdims=0)
    if width < 8:
        return column(ops.cumsum(x, constant(1)), width - 1)
    if width < 16:
        return _plus_rest(_lanes_added(_columns(x, 0, 8), 1), x, width)
    leaves = _halves(0, width)
    main = [(start, (stop - start) // 8) for start, stop in leaves]
    steps = max(rows for _, rows in main)
    places = np.full((len(leaves), max(steps, 1), 8), width)
    for leaf, (start, rows) in enumerate(main):
        places[leaf, :rows] = np.arange(start, start + 8 * rows).reshape(rows, 8)
    padded = ops.pad(x, constant([0, 0, 0, 1]), constant_like(x, 0.0))
    lanes = ops.cumsum(ops.gather(padded, constant(places), axis=1), constant(2))
    sums = ops.gather(lanes, constant(max(steps, 1) - 1), axis=2)
    added = _lanes_added(sums, len(leaves))
    totals = [column(added, leaf) for leaf in range(len(leaves))]
    totals[-1] = _plus_rest(as_columns(totals[-1]), x, width)
    return _joined(totals, width)


def _lanes_added(sums: Var, leaves: int) -> Var:
    """Eight lanes of each leaf, two and two, three times over: [N, leaves * 8] -> [N, leaves]."""
    for size in (4, 2, 1):
        pairs = ops.reshape(sums, constant([-1, leaves * size, 2]))
        sums = ops.reduce_sum(pairs, constant([2]), keepdims=0)
    return sums


def _plus_rest(total: Var, x: Var, width: int) -> Var:
    """[N, 1] and the columns behind the last multiple of 8, one after the other: [N]."""
    rest = width % 8
    if not rest:
        return ops.reshape(total, constant([-1]))
    return column(ops.cumsum(ops.concat([total, _columns(x, width - rest, width)], axis=1), constant(1)), rest)


def _columns(x: Var, start: int, stop: int) -> Var:
    return ops.slice(x, constant([start]), constant([stop]), constant([1]))


def _halves(start: int, stop: int) -> list[tuple[int, int]]:
    if stop - start <= 128:
        return [(start, stop)]
    middle = start + _half(stop - start)
    return _halves(start, middle) + _halves(middle, stop)


def _half(size: int) -> int:
    return size // 2 - size // 2 % 8


def _joined(totals: list[Var], width: int) -> Var:
    if len(totals) == 1:
        return totals[0]
    left = len(_halves(0, _half(width)))
    return ops.add(_joined(totals[:left], _half(width)), _joined(totals[left:], width - _half(width)))


def _floats(parts: list[Var]) -> list[Var]:
    return parts if dtype_of(parts[0]).kind == "f" else [cast(p, working(np.float64)) for p in parts]
