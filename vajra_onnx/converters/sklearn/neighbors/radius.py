"""Fitted points within a radius, as a [N, S] mask: there may be any number of them, so no tensor of indices holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ..metrics.pairwise import METRICS, distances, reduced_distances
from .base import SYNONYMS

COLUMNS = np.array([1])


def within_radius(model: Any, block: Block) -> tuple[Var, Var]:
    """Distances to all points, float64, and which of them count: both [N, S]. Source: _query_radius_single.

    Trees alone: brute force expands squares with BLAS, so that what lies on the rim is decided by its rounding.
    """
    metric = model.effective_metric_ if isinstance(model.effective_metric_, str) else "a callable"
    metric = SYNONYMS.get(metric, metric)
    if metric not in METRICS:
        raise UnsupportedError("metric", expected=" | ".join(METRICS), got=metric)
    if model._fit_method not in ("kd_tree", "ball_tree"):
        raise UnsupportedError(
            "neighbours within a radius",
            expected="a kd_tree or ball_tree",
            got=model._fit_method,
            hint="fit with algorithm='kd_tree'",
        )
    parameters = model.effective_metric_params_
    p = float(parameters.get("p", 2.0))
    reduced = reduced_distances(block.matrix(np.float64), np.asarray(model._fit_X), metric, p, parameters.get("w"))
    limit = model.radius**2 if metric == "euclidean" else model.radius**p if metric == "minkowski" else model.radius
    return distances(reduced, metric, p), ops.less_or_equal(reduced, constant_like(reduced, limit))


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
