"""sklearn.neighbors._base: the nearest fitted points of every row.

What is exact.
- kd_tree and ball_tree: distances, the choice among equally distant points, and their order.
- Brute force on float data, other metrics than euclidean: the distances, and for up to 256 fitted points the choice among
  equally distant ones, and their order. Beyond 256 points both depend on the original's threads, and are those of one thread.
- Brute force on the euclidean metric expands the square, with BLAS in it: distances are equal up to some ulps of ||x||^2.
- Brute force on integers, on another float type than the fitted one, on sparse rows (euclidean), on the cosine and other
  metrics that ArgKmin does not take: the original leaves the choice among equally distant points to numpy's argpartition, which
  differs between processors. Rows whose answer depends on it are refused: on any equal distances where the data are integers or
  the metric counts, on copies of one fitted point elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics._pairwise_distances_reduction import ArgKmin
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ..metrics.distances import distances, metric_of, reduced
from ..metrics.pairwise import Parameters, expanded_squares
from .argpartition import checked_partition, partition
from .search import nearest
from .trees import visits

# Metrics whose answers are counts, or quotients of counts: most rows have equally distant points.
COUNTING = ("hamming", "jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath", "yule")
# Cosines that are equal on paper differ by so many units of the last place of 1.
SLACK = 8
# `pairwise_dist_chunk_size` of scikit-learn's configuration, as it is unless somebody changed it.
CHUNK = 256
EUCLIDEAN = ("euclidean", "sqeuclidean")
# Without the triangle inequality the search of a ball tree misses neighbours, and which ones depends on its whole course.
NO_TRIANGLE = ("braycurtis", "dice")


def kneighbors(model: Any, block: Block, matter: np.ndarray | None = None, *, ordered: bool = False) -> tuple[Var, Var]:
    """Distances, nearest first, and indices of the neighbours: [N, k] each. Distances are float64 (cosine: as the data).

    matter, ordered: what the caller reads of the neighbours, as in `partition`.
    """
    count = model.n_neighbors
    if count > model.n_samples_fit_:
        raise UnsupportedError("n_neighbors", expected=f"at most {model.n_samples_fit_} fitted rows", got=str(count))
    metric, parameters = metric_of(model), model.effective_metric_params_
    points = np.asarray(model._fit_X.toarray() if hasattr(model._fit_X, "toarray") else model._fit_X)
    if model._fit_method == "brute":
        by_heap = uses_reduction(model, block, ArgKmin)
        to_points = brute_distances(block, points, metric, parameters, by_heap=by_heap)
        if not by_heap:
            found, index = _partition(block, to_points, points, count, metric, matter, ordered)
            return distances(found, metric, parameters), index
        return _argkmin(block, to_points, len(points), count, metric, parameters)
    if metric in NO_TRIANGLE and len(model._tree.get_arrays()[2]) > 1:
        hint = "scikit-learn's search misses neighbours then; fit with algorithm='brute'"
        raise UnsupportedError(f"metric={metric!r} on a ball_tree", hint=hint)
    return _tree(model._tree, block, points, count, metric, parameters)


def uses_reduction(model: Any, block: Block, reduction: Any) -> bool:
    """Whether brute force is the work of ArgKmin or RadiusNeighbors, or else of pairwise_distances. Source: is_usable_for."""
    sparse = block.sparse and hasattr(model._fit_X, "toarray")
    metric, dtype = model.effective_metric_, model._fit_X.dtype
    usable = metric in reduction.valid_metrics() and dtype == block.dtype and dtype in (np.float32, np.float64)
    return bool(usable and not (sparse and "euclidean" in metric))


def _tree(tree: Any, block: Block, points: np.ndarray, k: int, metric: str, parameters: Parameters) -> tuple[Var, Var]:
    """Trees compute in float64, whatever the data is."""
    x = block.matrix(np.float64)
    to_points = reduced(x, points, metric, parameters)

    def search_order(rows: Var) -> tuple[Var, Var]:
        return visits(tree, ops.gather(x, rows, axis=0), ops.gather(to_points, rows, axis=0), metric, parameters)

    found, index = nearest(to_points, len(points), k, search_order)
    return distances(found, metric, parameters), index


def _partition(
    block: Block, to_points: Var, points: np.ndarray, k: int, metric: str, matter: np.ndarray | None, ordered: bool
) -> tuple[Var, Var]:
    """pairwise_distances_chunked and argpartition, for all other data."""
    if metric not in COUNTING and "f" == block.dtype.kind == points.dtype.kind:
        return partition(to_points, k, points, matter, ordered)
    slack = SLACK * float(np.finfo(dtype_of(to_points)).eps) if metric == "cosine" else 0.0
    return checked_partition(to_points, len(points), k, slack, matter, ordered)


def _argkmin(block: Block, to_points: Var, size: int, k: int, metric: str, parameters: Parameters) -> tuple[Var, Var]:
    """ArgKmin, for data of the fitted float type."""

    def in_order(rows: Var) -> tuple[Var, Var]:
        return ops.gather(to_points, rows, axis=0), constant(np.arange(size).reshape(1, -1))

    again = _splits_points(to_points, size) if k > 1 else None
    found, index = nearest(to_points, size, k, in_order, float(np.finfo(np.float64).max), again)
    if block.dtype == np.float32:
        return _rounded(distances(_rounded(found), metric, parameters)), index
    return distances(found, metric, parameters), index


def _splits_points(to_points: Var, points: int) -> Var:
    """Whether ArgKmin splits the points into chunks and not the rows: then it merges its chunks' heaps into another one.

    to_points: [N, points] -> [], boolean. Source: BaseDistancesReduction, strategy "auto", in one thread.
    """
    most = min(points, 4 * CHUNK)
    count = ops.squeeze(ops.shape(to_points, start=0, end=1), constant([0]))
    return ops.less_or_equal(count, constant(np.int64(most)))


def brute_distances(block: Block, points: np.ndarray, metric: str, parameters: Parameters, *, by_heap: bool) -> Var:
    """Reduced distances to all points, as ArgKmin and RadiusNeighbors (by_heap) or as pairwise_distances computes them."""
    single = block.dtype == np.float32 and points.dtype == np.float32
    if metric in EUCLIDEAN and (by_heap or metric == "euclidean"):
        squares = expanded_squares(block.matrix(np.float64), points.astype(np.float64))
        if by_heap:  # inf - inf beyond the largest number: C's max(0, NaN) is 0
            return ops.where(ops.isnan(squares), constant_like(squares, 0.0), squares)
        return cast(squares, np.float32) if single else squares
    x = block.matrix(np.float32 if single and (by_heap or metric == "cosine") else np.float64)
    answer = reduced(x, points.astype(dtype_of(x)), metric, parameters, scipy=not by_heap)
    return _rounded(answer) if single and by_heap else answer


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
