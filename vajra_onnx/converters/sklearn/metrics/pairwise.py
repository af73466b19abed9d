"""sklearn.metrics.pairwise and sklearn.metrics.DistanceMetric: distances from every row to every fitted point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import normalize
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import working
from ....graph.values import cast, constant, constant_like

METRICS = ("euclidean", "manhattan", "chebyshev", "minkowski")


def reduced_distances(x: Var, points: np.ndarray, metric: str, p: float = 2.0, w: npt.ArrayLike | None = None) -> Var:
    """What DistanceMetric.rdist returns: sums over the features in their order, so that equal distances are equal bit by bit.

    euclidean: the squared distance; minkowski: sum(w * |d| ** p); manhattan and chebyshev: the distance itself.
    x: [N, F], points: [S, F] -> float64 [N, S]; differences are taken in the dtype of x.
    """
    columns = constant_like(x, np.ascontiguousarray(points.T))
    reduce = reduction(metric, len(points), p, w)
    return by_row(x, len(points), lambda row: reduce(cast(ops.sub(row, columns), working(np.float64))))


def reduction(metric: str, size: int, p: float = 2.0, w: npt.ArrayLike | None = None) -> Callable[[Var], Var]:
    """How the differences [F, size] of the features become reduced distances [size].

    The exponent is no scalar: ONNX Runtime would compute x * x * x for 3, which is not the pow of the C library.
    """
    if metric == "euclidean":
        return lambda d: _ordered_sum(ops.mul(d, d))
    if metric == "manhattan":
        return lambda d: _ordered_sum(ops.abs(d))
    if metric == "chebyshev":
        return lambda d: ops.reduce_max(ops.abs(d), constant(np.array([0])), keepdims=0)
    if metric == "minkowski":
        exponent = constant(np.full(size, p), working(np.float64))
        weights = None if w is None else constant(np.asarray(w).reshape(-1, 1), working(np.float64))
        return lambda d: _ordered_sum(_weighted(ops.pow(ops.abs(d), exponent), weights))
    raise UnsupportedError("metric", expected=" | ".join(METRICS), got=repr(metric))


def by_row(x: Var, size: int, answer: Callable[[Var], Var]) -> Var:
    """`answer` for one row after the other, so that nothing of the size N * S * F is ever held. [F, 1] -> [S] each; [N, S]."""
    last = constant(np.array([1]))
    rows = ops.scan([x], body=lambda row: [answer(ops.unsqueeze(row, last))], num_scan_inputs=1)[0]
    return ops.reshape(rows, constant(np.array([-1, size])))


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


def cosine_distances(x: Var, points: np.ndarray) -> Var:
    """1 - the cosine of the angle, within 0 and 2; a row of zeros is at distance 1. [N, F], [S, F] -> [N, S].

    Source: cosine_distances: rows divided by their norms, then one matrix product, in the dtype of x.
    """
    lengths = ops.reduce_l2(x, constant(np.array([1])))
    unit = ops.div(x, ops.where(ops.equal(lengths, constant_like(x, 0.0)), constant_like(x, 1.0), lengths))
    similarity = ops.matmul(unit, constant_like(x, normalize(points).T))
    distance = ops.add(ops.neg(similarity), constant_like(x, 1.0))
    return ops.clip(distance, constant_like(x, 0.0), constant_like(x, 2.0))


def _ordered_sum(terms: Var) -> Var:
    """The sum over the first axis from first to last, which ReduceSum does not promise. [F, S] -> [S]."""
    last = terms.unwrap_tensor().shape[0] - 1  # type: ignore[index, operator]
    return ops.gather(ops.cumsum(terms, constant(0)), constant(last), axis=0)


def _weighted(terms: Var, weights: Var | None) -> Var:
    return terms if weights is None else ops.mul(weights, terms)
