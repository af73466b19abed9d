"""scipy.interpolate.BSpline: the values of all basis functions of a spline, by de Boor's recursion in scipy's own order."""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of

LAST = np.array([-1])


def basis(x: Var, knots: np.ndarray, degree: int) -> tuple[Var, Var]:
    """The degree + 1 basis functions that are not zero at x, and the number of the first of them.

    x: [N, F]; knots: [F, T], ascending -> values [N, F, degree + 1], int64 [N, F]. Outside of the inner knots the outermost
    polynomials go on. Source: find_interval and _deBoor_D of scipy's __fitpack.cc.
    """
    features, size = knots.shape
    inner = knots[:, degree + 1 : size - degree - 1]
    deep = ops.unsqueeze(x, constant(LAST))
    passed = ops.greater_or_equal(deep, constant_like(x, inner[None]))
    interval = ops.reduce_sum(ops.cast(passed, to=np.int64), constant(LAST), keepdims=0)
    if degree == 0:
        return cast(ops.equal(deep, deep), dtype_of(x)), interval  # 1, for an infinity as well
    intervals = inner.shape[1] + 1
    window = np.arange(intervals)[:, None] + np.arange(1, 2 * degree + 1)
    table = knots[:, window].reshape(features * intervals, 2 * degree)
    place = ops.add(interval, constant(np.arange(features) * intervals))
    near = ops.gather(constant_like(x, table), place, axis=0)
    values = None
    for level in range(1, degree + 1):
        above, below = (_columns(near, start, start + level) for start in (degree, degree - level))
        width = ops.sub(above, below)
        empty = ops.equal(width, constant_like(x, 0.0))
        one, zero = constant_like(x, 1.0), constant_like(x, 0.0)
        share = ops.div(one if values is None else values, ops.where(empty, one, width))
        share = ops.where(empty, zero, share)
        rising, falling = ops.mul(share, ops.sub(deep, below)), ops.mul(share, ops.sub(above, deep))
        values = ops.add(_padded(rising, before=1), _padded(falling, after=1))
    assert values is not None
    return values, interval


def mixed(values: Var) -> tuple[Var, Var]:
    """The values, and what stands in the columns beside them, where one has overflown: [N, F, K], [N, F, 1].

    scipy multiplies every value with each column of an identity matrix, and 0 * infinity is NaN.
    """
    zero = constant_like(values, 0.0)
    lost = ops.cast(ops.isnan(ops.mul(values, zero)), to=np.int64)
    count = ops.reduce_sum(lost, constant(LAST))
    nan = constant_like(values, np.nan)
    others = ops.greater(ops.sub(count, lost), constant(np.int64(0)))
    return ops.where(others, nan, values), ops.where(ops.greater(count, constant(np.int64(0))), nan, zero)


def spread(values: Var, first: Var, size: int, count: int, background: Var | None = None) -> Var:
    """The values at their places among all functions: [N, F, K], [N, F] -> [N, F, count]; zeros or `background` elsewhere.

    Of `size` places, those from `count` on are the first ones again, as periodic splines need it.
    """
    width = values.unwrap_tensor().shape[-1]  # type: ignore[index]
    place = ops.add(ops.unsqueeze(first, constant(LAST)), constant(np.arange(int(width))))  # type: ignore[arg-type]
    if size > count:
        place = ops.mod(place, constant(np.int64(count)))
    shape = ops.concat([ops.shape(first), constant([count])], axis=0)
    rest = ops.expand(constant_like(values, 0.0) if background is None else background, shape)
    return ops.scatter_elements(rest, place, values, axis=2, reduction="add" if size > count else "none")


def _columns(x: Var, start: int, stop: int) -> Var:
    return ops.slice(x, constant([start]), constant([stop]), constant([2]))


def _padded(x: Var, before: int = 0, after: int = 0) -> Var:
    return ops.pad(x, constant([0, 0, before, 0, 0, after]), constant_like(x, 0.0))
