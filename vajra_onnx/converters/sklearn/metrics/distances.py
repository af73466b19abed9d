"""All metrics of the neighbours: sklearn.metrics.DistanceMetric, and scipy's cdist where scikit-learn goes there instead.

A search compares reduced distances (the square of a euclidean distance, say) and turns only those that it keeps into
distances. Equal distances have to be equal bit by bit, so sums go over the features in their order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import working
from ....graph.values import cast, constant, constant_like
from ..arrays import pairwise_sums
from .pairwise import DIFFERENCES, NONE, Parameters, by_row, cosine_distances, ordered_sum, reduced_distances

SYNONYMS = {"l2": "euclidean", "l1": "manhattan", "cityblock": "manhattan", "infinity": "chebyshev", "p": "minkowski"}
SQUARED = ("euclidean", "seuclidean", "mahalanobis")
COLUMNS = np.array([1])
Count = Callable[[Var, Var, float], tuple[Var, Var]]


def metric_of(model: object) -> str:
    """The metric of a fitted neighbours model, one name for each; refused where there is no converter for it."""
    name = getattr(model, "effective_metric_", None)
    metric = SYNONYMS.get(name, name) if isinstance(name, str) else "a callable"
    known = (*DIFFERENCES, *OTHERS, *BOOLEAN)
    if metric not in known:
        raise UnsupportedError("metric", expected=" | ".join(known), got=metric)
    return metric


def reduced(x: Var, points: np.ndarray, metric: str, parameters: Parameters = NONE, *, scipy: bool = False) -> Var:
    """Reduced distances of every row to every point: [N, F], [S, F] -> [N, S], float64 (cosine: as the rows).

    scipy: whether the original asks cdist, whose braycurtis is another one where numbers are negative.
    """
    if metric in BOOLEAN:
        return _of_counts(x, points, metric)
    if metric == "braycurtis" and scipy:
        return _braycurtis(x, points, of_sums=True)
    if metric in OTHERS:
        return OTHERS[metric](x, points)
    return reduced_distances(x, points, metric, parameters)


def distances(reduced: Var, metric: str, parameters: Parameters = NONE) -> Var:
    """The distances that belong to reduced distances, of any shape."""
    if metric in SQUARED:
        return ops.sqrt(reduced)
    if metric == "haversine":
        return ops.mul(constant_like(reduced, 2.0), _asin(ops.sqrt(reduced)))
    if metric == "minkowski":
        return ops.pow(reduced, constant_like(reduced, 1.0 / float(parameters.get("p", 2.0))))
    return reduced


def reduce(distance: Var, metric: str, parameters: Parameters = NONE) -> Var:
    """The reduced distances that belong to distances, of any shape. Source: _dist_to_rdist."""
    if metric in SQUARED:
        return ops.mul(distance, distance)
    if metric == "haversine":
        sine = ops.sin(ops.mul(constant_like(distance, 0.5), distance))
        return ops.mul(sine, sine)
    if metric == "minkowski":
        return ops.pow(distance, constant_like(distance, float(parameters.get("p", 2.0))))
    return distance


def reduced_limit(radius: float, metric: str, parameters: Parameters) -> float:
    """The radius as a reduced distance."""
    if metric in SQUARED:
        return float(radius * radius)
    if metric == "haversine":
        return float(np.sin(0.5 * radius) ** 2)
    return float(radius ** float(parameters.get("p", 2.0))) if metric == "minkowski" else float(radius)


def _wide(x: Var) -> Var:
    return cast(x, working(np.float64))


def _canberra(x: Var, points: np.ndarray) -> Var:
    """sum(|x - y| / (|x| + |y|)), without the terms of two zeros."""
    columns = constant_like(x, np.ascontiguousarray(points.T))
    sizes = ops.abs(_wide(columns))

    def row(values: Var) -> Var:
        total = ops.add(ops.abs(_wide(values)), sizes)
        empty = ops.equal(total, constant_like(total, 0.0))
        terms = ops.div(ops.abs(_wide(ops.sub(values, columns))), ops.where(empty, constant_like(total, 1.0), total))
        return ordered_sum(ops.where(empty, constant_like(total, 0.0), terms))

    return by_row(x, len(points), row)


def _braycurtis(x: Var, points: np.ndarray, *, of_sums: bool = False) -> Var:
    """sum(|x - y|) / sum(|x| + |y|), 0 for two rows of zeros; scipy's divides by sum(|x + y|), and 0 / 0 is NaN there."""
    columns = constant_like(x, np.ascontiguousarray(points.T))
    sizes = ops.abs(_wide(columns))

    def row(values: Var) -> Var:
        above = ordered_sum(ops.abs(_wide(ops.sub(values, columns))))
        if of_sums:
            return ops.div(above, ordered_sum(ops.abs(ops.add(_wide(values), _wide(columns)))))
        below = _alternating_sum(ops.abs(_wide(values)), sizes)
        empty = ops.equal(below, constant_like(below, 0.0))
        return ops.where(empty, constant_like(below, 0.0), ops.div(above, ops.where(empty, constant_like(below, 1.0), below)))

    return by_row(x, len(points), row)


def _alternating_sum(a: Var, b: Var) -> Var:
    """sum(|a| + |b|): each pair is added before the sum grows. [F, 1], [F, S] -> [S]."""
    return ordered_sum(ops.add(a, b))


def _hamming(x: Var, points: np.ndarray) -> Var:
    """The share of the features that differ."""
    columns = constant_like(x, np.ascontiguousarray(points.T))
    count = working(np.float64)

    def row(values: Var) -> Var:
        unequal = cast(ops.not_(ops.equal(values, columns)), count)
        return ops.div(ops.reduce_sum(unequal, constant([0]), keepdims=0), constant(points.shape[1], count))

    return by_row(x, len(points), row)


def _correlation(x: Var, points: np.ndarray) -> Var:
    """1 - the cosine of the angle between rows less their means; NaN for a constant row. Source: scipy's cdist, whose sums go
    from first to last; the means are numpy's."""
    wide, width = _wide(x), points.shape[1]
    means = ops.div(pairwise_sums(wide, width), constant_like(wide, width))
    centred = ops.sub(wide, ops.unsqueeze(means, constant(COLUMNS)))
    fitted = np.ascontiguousarray(points, np.float64)
    fitted = fitted - fitted.mean(axis=1, keepdims=True)
    columns = constant_like(wide, np.ascontiguousarray(fitted.T))
    lengths = constant_like(wide, np.sqrt(np.cumsum(fitted * fitted, axis=1)[:, -1]))
    one = constant_like(wide, 1.0)

    def row(values: Var) -> Var:
        length = ops.sqrt(ordered_sum(ops.mul(values, values)))
        cosine = ops.div(ordered_sum(ops.mul(values, columns)), ops.mul(length, lengths))
        return ops.sub(one, ops.clip(cosine, ops.neg(one), one))

    return by_row(centred, len(points), row)


def _haversine(x: Var, points: np.ndarray) -> Var:
    """sin^2 of half the latitudes' difference + cos * cos * sin^2 of half the longitudes': two features, in radians."""
    columns = constant_like(x, np.ascontiguousarray(points.T))
    half = constant(0.5, working(np.float64))
    first, second = constant([0]), constant([1])

    def row(values: Var) -> Var:
        sines = ops.sin(ops.mul(half, _wide(ops.sub(values, columns))))
        sin_0, sin_1 = (ops.squeeze(ops.gather(sines, i, axis=0), constant([0])) for i in (first, second))
        cosines = [ops.squeeze(ops.cos(_wide(ops.gather(v, first, axis=0))), constant([0])) for v in (values, columns)]
        other = ops.mul(ops.mul(ops.mul(cosines[0], cosines[1]), sin_1), sin_1)
        return ops.add(ops.mul(sin_0, sin_0), other)

    return by_row(x, len(points), row)


def _asin(x: Var) -> Var:
    """The arcsine of 0 to 1, to the last ulps: ONNX Runtime has it in float32 alone, so Newton's steps follow it.

    Above 1 / sqrt(2) by way of acos, for the derivative vanishes at 1.
    """
    one = constant_like(x, 1.0)
    large = ops.greater(x, constant_like(x, 0.7071067811865476))
    rest = ops.sqrt(ops.max([ops.mul(ops.sub(one, x), ops.add(one, x)), constant_like(x, 0.0)]))
    sine = ops.where(large, rest, x)
    angle = cast(ops.asin(cast(sine, np.float32)), working(np.float64))
    for _ in range(2):
        angle = ops.sub(angle, ops.div(ops.sub(ops.sin(angle), sine), ops.cos(angle)))
    return ops.where(large, ops.sub(constant_like(x, np.pi / 2), angle), angle)


def _of_counts(x: Var, points: np.ndarray, metric: str) -> Var:
    """Metrics of booleans (not zero: true), from how many features are true in both rows and in one alone: exact counts."""
    truth = _wide(ops.not_(ops.equal(x, constant_like(x, 0.0))))
    fitted = (points != 0).astype(np.float64)
    both = ops.matmul(truth, constant_like(truth, fitted.T))
    first = ops.sub(ops.reduce_sum(truth, constant(COLUMNS)), both)
    second = ops.sub(constant_like(truth, fitted.sum(axis=1)), both)
    return BOOLEAN[metric](both, first, second, points.shape[1])


def _jaccard(both: Var, first: Var, second: Var, size: int) -> Var:
    unequal = ops.add(first, second)
    any_ = ops.add(unequal, both)
    empty = ops.equal(any_, constant_like(any_, 0.0))
    return ops.where(empty, constant_like(any_, 0.0), ops.div(unequal, ops.where(empty, constant_like(any_, 1.0), any_)))


def _dice(both: Var, first: Var, second: Var, size: int) -> Var:
    unequal = ops.add(first, second)
    return ops.div(unequal, ops.add(ops.add(both, both), unequal))


def _rogerstanimoto(both: Var, first: Var, second: Var, size: int) -> Var:
    unequal = ops.add(first, second)
    return ops.div(ops.add(unequal, unequal), ops.add(constant_like(unequal, size), unequal))


def _russellrao(both: Var, first: Var, second: Var, size: int) -> Var:
    width = constant_like(both, size)
    return ops.div(ops.sub(width, both), width)


def _sokalsneath(both: Var, first: Var, second: Var, size: int) -> Var:
    unequal = ops.add(first, second)
    return ops.div(unequal, ops.add(ops.mul(constant_like(both, 0.5), both), unequal))


def _yule(both: Var, first: Var, second: Var, size: int) -> Var:
    half = ops.mul(first, second)
    neither = ops.sub(constant_like(both, size), ops.add(ops.add(both, first), second))
    below = ops.add(ops.mul(both, neither), half)
    empty = ops.equal(half, constant_like(half, 0.0))
    return ops.where(
        empty, constant_like(half, 0.0), ops.div(ops.add(half, half), ops.where(empty, constant_like(half, 1.0), below))
    )


OTHERS: dict[str, Callable[[Var, np.ndarray], Var]] = {
    "sqeuclidean": lambda x, points: reduced_distances(x, points, "euclidean"),
    "cosine": cosine_distances,
    "correlation": _correlation,
    "canberra": _canberra,
    "braycurtis": _braycurtis,
    "hamming": _hamming,
    "haversine": _haversine,
}
BOOLEAN: dict[str, Callable[[Var, Var, Var, int], Var]] = {
    "jaccard": _jaccard,
    "dice": _dice,
    "rogerstanimoto": _rogerstanimoto,
    "russellrao": _russellrao,
    "sokalsneath": _sokalsneath,
    "yule": _yule,
}
