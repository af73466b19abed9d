"""sklearn.metrics.pairwise and sklearn.metrics.DistanceMetric: distances from every row to every fitted point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.preprocessing import normalize
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import working
from ....graph.values import cast, constant, constant_like

Parameters = Mapping[str, Any]
NONE: Parameters = {}
# What DistanceMetric or cdist computes from differences alone; the other metrics are in `distances`.
DIFFERENCES = ("euclidean", "manhattan", "chebyshev", "minkowski", "seuclidean", "mahalanobis")


def reduced_distances(x: Var, points: np.ndarray, metric: str, parameters: Parameters = NONE) -> Var:
    """What DistanceMetric.rdist returns: sums over the features in their order, so that equal distances are equal bit by bit.

    euclidean, seuclidean, mahalanobis: the squared distance; minkowski: sum(w * |d| ** p); the others: the distance itself.
    x: [N, F], points: [S, F] -> float64 [N, S]; differences are taken in the dtype of x. parameters: p, w, V, VI.
    """
    columns = constant_like(x, np.ascontiguousarray(points.T))
    reduce = reduction(metric, len(points), parameters)
    return by_row(x, len(points), lambda row: reduce(cast(ops.sub(row, columns), working(np.float64))))


def reduction(metric: str, size: int, parameters: Parameters = NONE) -> Callable[[Var], Var]:
    """How the differences [F, size] of the features become reduced distances [size].

    The exponent is no scalar: ONNX Runtime would compute x * x * x for 3, which is not the pow of the C library.
    """
    if metric == "euclidean":
        return lambda d: ordered_sum(ops.mul(d, d))
    if metric == "manhattan":
        return lambda d: ordered_sum(ops.abs(d))
    if metric == "chebyshev":
        return lambda d: ops.reduce_max(ops.abs(d), constant(np.array([0])), keepdims=0)
    if metric == "seuclidean":
        variances = constant(np.asarray(parameters["V"]).reshape(-1, 1), working(np.float64))
        return lambda d: ordered_sum(ops.div(ops.mul(d, d), variances))
    if metric == "mahalanobis":
        inverse = constant(np.expand_dims(inverse_covariance(parameters), 2), working(np.float64))
        return lambda d: ordered_sum(ops.mul(ordered_sum(ops.mul(inverse, ops.unsqueeze(d, constant([0]))), axis=1), d))
    if metric == "minkowski":
        exponent = constant(np.full(size, float(parameters.get("p", 2.0))), working(np.float64))
        w = parameters.get("w")
        weights = None if w is None else constant(np.asarray(w).reshape(-1, 1), working(np.float64))
        return lambda d: ordered_sum(_weighted(ops.pow(ops.abs(d), exponent), weights))
    raise UnsupportedError("metric", expected=" | ".join(DIFFERENCES), got=repr(metric))


def inverse_covariance(parameters: Parameters) -> np.ndarray:
    """Of mahalanobis: `VI`, or the inverse of `V`."""
    inverse = parameters.get("VI")
    return np.asarray(np.linalg.inv(parameters["V"]) if inverse is None else inverse, np.float64)


def by_row(x: Var, size: int, answer: Callable[[Var], Var]) -> Var:
    """`answer` for one row after the other, so that nothing of the size N * S * F is ever held. [F, 1] -> [S] each; [N, S]."""
    last = constant(np.array([1]))
    rows = ops.scan([x], body=lambda row: [answer(ops.unsqueeze(row, last))], num_scan_inputs=1)[0]
    return ops.reshape(rows, constant(np.array([-1, size])))


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


def ordered_sum(terms: Var, axis: int = 0, size: int | None = None) -> Var:
    """The sum over one axis from first to last, which ReduceSum does not promise: that axis is gone in the result.

    size: of the axis, needed only where shape inference cannot tell.
    """
    last = (terms.unwrap_tensor().shape[axis] if size is None else size) - 1  # type: ignore[index, operator]
    return ops.gather(ops.cumsum(terms, constant(axis)), constant(last), axis=axis)


def _weighted(terms: Var, weights: Var | None) -> Var:
    return terms if weights is None else ops.mul(weights, terms)
