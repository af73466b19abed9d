"""sklearn.neighbors._regression."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsRegressor, RadiusNeighborsRegressor
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ...registry import Output, converts
from .base import kneighbors, ordered_sum, weights_of
from .radius import is_empty, shares, within_radius


@converts(KNeighborsRegressor)
def kneighbors_regressor(model: KNeighborsRegressor, block: Block) -> dict[str, Output | list[Var]]:
    """The mean of the neighbours' targets, in the targets' own float type, or their weighted mean, in float64.

    [N] for one-dimensional targets, else [N, outputs]. `kneighbors`: distances, indices.
    """
    distance, index = kneighbors(model, block, model._y)
    weights = weights_of(model, distance)
    targets, k = model._y, model.n_neighbors
    kind = np.dtype(np.float32) if targets.dtype == np.float32 and weights is None else np.dtype(np.float64)
    values = ops.gather(constant(targets.astype(working(kind))), index, axis=0)
    if weights is None:
        predicted = ops.div(ordered_sum(values, k), constant_like(values, k))
    else:
        wide = cast(weights, values.unwrap_tensor().dtype)
        total = ordered_sum(wide, k)
        column = constant(np.array([-1]))
        if targets.ndim == 2:
            wide, total = ops.unsqueeze(wide, column), ops.unsqueeze(total, column)
        predicted = ops.div(ordered_sum(ops.mul(values, wide), k), total)
    return {"predict": predicted, "kneighbors": list(kneighbors(model, block, ordered=True))}


@converts(RadiusNeighborsRegressor)
def radius_neighbors_regressor(model: RadiusNeighborsRegressor, block: Block) -> dict[str, Output]:
    """The weighted mean of the targets within the radius; numpy adds up in another order.

    Where there is no point, NaN, or what the targets' own type makes of it: the smallest integer, for integers. Float32 for
    float32 targets and equal weights, else float64.
    """
    targets, equal = model._y.reshape(len(model._y), -1), model.weights in (None, "uniform")
    with np.errstate(invalid="ignore"):
        nothing = np.full_like(targets[:1], np.nan)
    distance, inside = within_radius(model, block)
    weights = shares(model, distance, inside)
    sums = ops.matmul(weights, constant_like(weights, targets))
    mean = ops.div(sums, ops.reduce_sum(weights, constant(np.array([1]))))
    mean = ops.where(is_empty(inside), constant_like(mean, nothing), mean)
    mean = cast(mean, np.float32) if targets.dtype == np.float32 and equal else mean
    return {"predict": ops.reshape(mean, constant(np.array([-1]))) if model._y.ndim == 1 else mean}
