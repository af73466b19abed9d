"""sklearn.neighbors._base: the nearest fitted points of every row.

What is exact.
- kd_tree and ball_tree: distances, the choice among equally distant points, and their order.
- Brute force on float data, other metrics than euclidean: the distances, and for up to 256 fitted points the choice among
  equally distant ones. Their order, and beyond 256 points the choice, depend on the original's batch size and threads.
- Brute force on the euclidean metric expands the square, with BLAS in it: distances are equal up to some ulps of ||x||^2.
- Brute force on integers, on another float type than the fitted one, or on the cosine: equally distant points are taken in
  the order in which they were fitted; the original leaves it to numpy's argpartition, which differs between processors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ..metrics.pairwise import cosine_distances, distances, expanded_squares, reduced_distances
from .search import nearest, smallest
from .trees import visits

SYNONYMS = {"l2": "euclidean", "l1": "manhattan", "cityblock": "manhattan", "infinity": "chebyshev", "p": "minkowski"}
METRICS = ("euclidean", "manhattan", "chebyshev", "minkowski", "cosine")


def kneighbors(model: Any, block: Block) -> tuple[Var, Var]:
    """Distances, nearest first, and indices of the neighbours: [N, k] each. Distances are float64 (cosine: as the data)."""
    count = model.n_neighbors
    if count > model.n_samples_fit_:
        raise UnsupportedError("n_neighbors", expected=f"at most {model.n_samples_fit_} fitted rows", got=str(count))
    metric = model.effective_metric_ if isinstance(model.effective_metric_, str) else "a callable"
    metric = SYNONYMS.get(metric, metric)
    if metric not in METRICS:
        raise UnsupportedError("metric", expected=" | ".join(METRICS), got=metric)
    points = np.asarray(model._fit_X.toarray() if hasattr(model._fit_X, "toarray") else model._fit_X)
    if model._fit_method == "brute":
        return _brute(block, points, count, metric, model.effective_metric_params_)
    return _tree(model._tree, block, points, count, metric, model.effective_metric_params_)


def _tree(tree: Any, block: Block, points: np.ndarray, k: int, metric: str, parameters: Any) -> tuple[Var, Var]:
    """Trees compute in float64, whatever the data is."""
    p, w = float(parameters.get("p", 2.0)), parameters.get("w")
    x = block.matrix(np.float64)
    reduced = reduced_distances(x, points, metric, p, w)

    def search_order(rows: Var) -> tuple[Var, Var]:
        return visits(tree, ops.gather(x, rows, axis=0), ops.gather(reduced, rows, axis=0), metric, p, w)

    found, index = nearest(reduced, len(points), k, search_order)
    return distances(found, metric, p), index


def _brute(block: Block, points: np.ndarray, k: int, metric: str, parameters: Any) -> tuple[Var, Var]:
    """ArgKmin for data of the fitted float type, pairwise_distances_chunked for all else."""
    p, w = float(parameters.get("p", 2.0)), parameters.get("w")
    single = block.dtype == np.float32 and points.dtype == np.float32
    x = block.matrix(np.float32 if single else np.float64)
    if metric == "cosine":
        return smallest(cosine_distances(x, points), k)
    if metric == "euclidean":
        reduced = expanded_squares(cast(x, working(np.float64)), points.astype(np.float64))
    else:
        reduced = reduced_distances(x, points, metric, p, w)
        reduced = _rounded(reduced) if single else reduced

    def in_order(rows: Var) -> tuple[Var, Var]:
        chosen = ops.gather(reduced, rows, axis=0)
        return chosen, ops.expand(constant(np.arange(len(points)).reshape(1, -1)), ops.shape(chosen))

    by_heap = block.dtype == points.dtype and points.dtype.kind == "f"
    found, index = nearest(reduced, len(points), k, in_order) if by_heap else smallest(reduced, k)
    return _rounded(distances(_rounded(found), metric, p)) if single else distances(found, metric, p), index


def _rounded(x: Var) -> Var:
    """To float32 and back: what DistanceMetric32 returns; ArgKmin32 compares and stores float64."""
    return cast(cast(x, np.float32), working(np.float64))


def weights_of(model: Any, distance: Var) -> Var | None:
    """1 / distance, or 1 for the points at distance 0 and 0 for the others where there are any; None for equal weights.

    Source: _get_weights.
    """
    if model.weights in (None, "uniform"):
        return None
    if model.weights != "distance":
        got = "a callable" if callable(model.weights) else repr(model.weights)
        raise UnsupportedError("weights", expected="uniform | distance", got=got)
    inverse = ops.div(constant_like(distance, 1.0), distance)
    at_point = cast(ops.isinf(inverse), inverse.unwrap_tensor().dtype)
    any_at_point = ops.greater(ops.reduce_max(at_point, constant(np.array([1]))), constant_like(at_point, 0.0))
    return ops.where(any_at_point, at_point, inverse)


def ordered_sum(terms: Var, size: int) -> Var:
    """The sum over the neighbours from the nearest to the farthest: [N, k, ...] -> [N, ...]."""
    return ops.gather(ops.cumsum(terms, constant(np.int64(1))), constant(np.int64(size - 1)), axis=1)
