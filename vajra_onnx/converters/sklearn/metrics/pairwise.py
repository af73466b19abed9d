"""sklearn.metrics.pairwise and sklearn.metrics.DistanceMetric: distances from every row to every fitted point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant, constant_like

METRICS = ("euclidean", "manhattan", "chebyshev", "minkowski")


def reduced_distances(x: Var, points: np.ndarray, metric: str, p: float = 2.0, w: npt.ArrayLike | None = None) -> Var:
    """What DistanceMetric.rdist returns: sums over the features in their order, so that equal distances are equal bit by bit.

    euclidean: the squared distance; minkowski: sum(w * |d| ** p); manhattan and chebyshev: the distance itself.
    x: [N, F], points: [S, F] -> [N, S]. One row at a time: nothing of the size N * S * F is ever held.
    """
    if metric == "euclidean":
        return _by_row(x, points, lambda d: _ordered_sum(ops.mul(d, d)))
    if metric == "manhattan":
        return _by_row(x, points, lambda d: _ordered_sum(ops.abs(d)))
    if metric == "chebyshev":
        return _by_row(x, points, lambda d: ops.reduce_max(ops.abs(d), constant(np.array([0])), keepdims=0))
    if metric == "minkowski":
        exponent = constant_like(x, p)
        weights = None if w is None else constant_like(x, np.asarray(w).reshape(-1, 1))
        return _by_row(x, points, lambda d: _ordered_sum(_weighted(ops.pow(ops.abs(d), exponent), weights)))
    raise UnsupportedError("metric", expected=" | ".join(METRICS), got=repr(metric))


def distances(reduced: Var, metric: str, p: float = 2.0) -> Var:
    """The distances that belong to reduced distances, of any shape."""
    if metric == "euclidean":
        return ops.sqrt(reduced)
    return ops.pow(reduced, constant_like(reduced, 1.0 / p)) if metric == "minkowski" else reduced


def expanded_squares(x: Var, points: np.ndarray) -> Var:
    """Squared euclidean distances as ||x||^2 - 2 x.y + ||y||^2, negative ones set to 0. [N, F], [S, F] -> [N, S].

    Source: euclidean_distances and EuclideanArgKmin, which add the three terms in different orders. All of them lose what
    is small beside ||x||^2, and so does this one: an error of some ulps of ||x||^2.
    """
    squares = ops.reduce_sum_square(x, constant(np.array([1])))
    products = ops.matmul(x, constant_like(x, -2.0 * points.T))
    total = ops.add(ops.add(products, squares), constant_like(x, (points * points).sum(axis=1)))
    return ops.max([total, constant_like(x, 0.0)])


def _by_row(x: Var, points: np.ndarray, reduce: Callable[[Var], Var]) -> Var:
    """`reduce` over the features of (row - points), for every row. reduce: [F, S] -> [S]."""
    columns = constant_like(x, np.ascontiguousarray(points.T))
    last = constant(np.array([1]))
    rows = ops.scan([x], body=lambda row: [reduce(ops.sub(ops.unsqueeze(row, last), columns))], num_scan_inputs=1)[0]
    return ops.reshape(rows, constant(np.array([-1, len(points)])))


def _ordered_sum(terms: Var) -> Var:
    """The sum over the first axis from first to last, which ReduceSum does not promise. [F, S] -> [S]."""
    last = terms.unwrap_tensor().shape[0] - 1  # type: ignore[index, operator]
    return ops.gather(ops.cumsum(terms, constant(0)), constant(last), axis=0)


def _weighted(terms: Var, weights: Var | None) -> Var:
    return terms if weights is None else ops.mul(weights, terms)
