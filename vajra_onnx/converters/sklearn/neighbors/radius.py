"""Fitted points within a radius, as a [N, S] mask: there may be any number of them, so no tensor of indices holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics._pairwise_distances_reduction import RadiusNeighbors
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ..metrics.distances import distances, metric_of, reduced, reduced_limit
from .base import NO_TRIANGLE, brute_distances, uses_reduction

COLUMNS = np.array([1])


def within_radius(model: Any, block: Block) -> tuple[Var, Var]:
    """Distances to all points, float64, and which of them count: both [N, S]. Source: _query_radius_single, RadiusNeighbors.

    Brute force on the euclidean metric expands squares with BLAS, so that what lies on the rim is decided by rounding.
    """
    metric, parameters = metric_of(model), model.effective_metric_params_
    points = np.asarray(model._fit_X.toarray() if hasattr(model._fit_X, "toarray") else model._fit_X)
    if model._fit_method == "brute":
        by_reduction = uses_reduction(model, block, RadiusNeighbors)
        to_points = brute_distances(block, points, metric, parameters, by_heap=by_reduction)
    else:
        if metric in NO_TRIANGLE and len(model._tree.get_arrays()[2]) > 1:
            raise UnsupportedError(f"metric={metric!r} on a ball_tree", hint="fit with algorithm='brute'")
        to_points, by_reduction = reduced(block.matrix(np.float64), points, metric, parameters), True
    if by_reduction or metric == "euclidean":
        limit = constant_like(to_points, reduced_limit(model.radius, metric, parameters))
        return distances(to_points, metric, parameters), ops.less_or_equal(to_points, limit)
    distance = distances(to_points, metric, parameters)
    return distance, ops.less_or_equal(distance, constant_like(distance, model.radius))


def shares(model: Any, distance: Var, inside: Var) -> Var:
    """The weight of every point, 0 outside of the radius: [N, S]. Points at distance 0 push all others out.

    Source: _get_weights.
    """
    zero = constant_like(distance, 0.0)
    if model.weights in (None, "uniform"):
        return cast(inside, working(np.float64))
    if model.weights != "distance":
        got = "a callable" if callable(model.weights) else repr(model.weights)
        raise UnsupportedError("weights", expected="uniform | distance", got=got)
    at_point = cast(ops.and_(inside, ops.equal(distance, zero)), working(np.float64))
    any_at_point = ops.greater(ops.reduce_max(at_point, constant(COLUMNS)), zero)
    inverse = ops.where(inside, ops.div(constant_like(distance, 1.0), distance), zero)
    return ops.where(any_at_point, at_point, inverse)


def is_empty(inside: Var) -> Var:
    """Whether no point is within the radius: [N, 1]."""
    count = ops.reduce_sum(cast(inside, np.int64), constant(COLUMNS))
    return ops.equal(count, constant(np.int64(0)))
