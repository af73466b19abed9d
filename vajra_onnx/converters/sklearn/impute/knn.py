"""sklearn.impute._knn.

Squared distances are the original's, by its own formula, within a few ulp of the largest squared number in the row: beside a
huge number nothing is left of the other columns, and donors are equally distant. Of those, the ones that were fitted first are
taken; the original leaves it to numpy's argpartition, which differs between processors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import KNNImputer
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, concat, constant, constant_like, dtype_of
from ...registry import converts
from ..containers import hstack
from ..metrics.pairwise import expanded_squares
from ..missing import missing_mask
from ..neighbors.base import weights_of
from ..neighbors.search import smallest
from .base import check_width, indicator_columns

FEATURES = np.array([1])


@converts(KNNImputer)
def knn_imputer(imputer: KNNImputer, block: Block) -> Block:
    """Each missing number becomes the mean over the nearest fitted rows that have one in that column."""
    check_width(block, imputer._fit_X.shape[1])
    if imputer.metric != "nan_euclidean":
        raise UnsupportedError("metric", expected="nan_euclidean", got="a callable")
    x = block.floats()
    mask = missing_mask(x, imputer.missing_values, set(), "KNNImputer")
    complete = x if mask is None else _imputed(imputer, x, mask)
    if imputer.keep_empty_features:
        empty = constant(~imputer._valid_mask[None])
        complete = complete if imputer._valid_mask.all() else ops.where(empty, constant_like(x, 0.0), complete)
        results = [Block.matrix_of(complete, block.width)]
    else:
        results = [Block.matrix_of(complete, block.width).select(np.flatnonzero(imputer._valid_mask))]
    if imputer.add_indicator:
        results.append(indicator_columns(x, mask, imputer.indicator_.features_, block.width))
    return hstack(results)


def _imputed(imputer: KNNImputer, x: Var, mask: Var) -> Var:
    """`x` with its missing numbers filled in; only rows that have any are looked at. x, mask: [N, F]."""
    incomplete = ops.reduce_max(cast(mask, np.int32), constant(FEATURES), keepdims=0)
    rows = ops.reshape(ops.non_zero(incomplete), constant(np.array([-1])))
    some, missing = ops.gather(x, rows, axis=0), ops.gather(mask, rows, axis=0)
    distance = _distances(imputer, some, missing)
    columns = []
    for i, valid in enumerate(imputer._valid_mask):
        column = Block.matrix_of(some, len(imputer._valid_mask)).column(i).var
        columns.append(cast(_mean_of_donors(imputer, distance, i), dtype_of(x)) if valid else column)
    filled = ops.where(missing, concat(columns), some)
    return ops.scatter_nd(x, ops.unsqueeze(rows, constant(FEATURES)), filled)


def _distances(imputer: KNNImputer, x: Var, missing: Var) -> Var:
    """Distances over the features that both rows have, scaled up to all of them; NaN where there are none. [R, S].

    Source: nan_euclidean_distances, in float32 where both sides are.
    """
    points, absent = np.asarray(imputer._fit_X), np.asarray(imputer._mask_fit_X)
    kind = working(np.result_type(dtype_of(x), points.dtype))
    points = np.where(absent, 0, points).astype(kind)
    x = ops.where(missing, constant(0.0, kind), cast(x, kind))
    squared = cast(expanded_squares(cast(x, working(np.float64)), points.astype(np.float64)), kind)
    gone = cast(missing, kind)
    squared = ops.sub(squared, ops.matmul(ops.mul(x, x), constant(absent.T, kind)))
    squared = ops.sub(squared, ops.matmul(gone, constant((points * points).T)))
    zero, one = constant(0.0, kind), constant(1.0, kind)
    squared = ops.where(ops.less(squared, zero), zero, squared)
    shared = ops.matmul(ops.sub(one, gone), constant(~absent.T, kind))
    mean = ops.div(ops.where(ops.equal(shared, zero), constant(np.nan, kind), squared), ops.max([one, shared]))
    return ops.sqrt(ops.mul(mean, constant(points.shape[1], kind)))


def _mean_of_donors(imputer: KNNImputer, distance: Var, column: int) -> Var:
    """The weighted mean of the nearest donors' numbers in this column, [R, 1]; the column's own mean where no distance is known.

    Source: `_calc_impute`.
    """
    values, absent = np.asarray(imputer._fit_X[:, column]), np.asarray(imputer._mask_fit_X[:, column])
    donors = np.flatnonzero(~absent)
    kind = dtype_of(distance)
    if len(donors) < len(values):
        distance = ops.gather(distance, constant(donors), axis=1)
    unknown = ops.isnan(distance)
    k = min(imputer.n_neighbors, len(donors))
    _, index = smallest(ops.where(unknown, constant(np.inf, kind), distance), k)
    near = ops.gather_elements(distance, index, axis=1)
    zero = constant(0.0, kind)
    weights = weights_of(imputer, near)
    weights = constant(1.0, kind) if weights is None else weights
    weights = ops.where(ops.isnan(near), zero, weights)
    products = ops.mul(ops.gather(constant(values[donors], kind), index, axis=0), weights)
    total, weight = (ops.reduce_sum(v, constant(FEATURES)) for v in (products, weights))
    mean = ops.where(ops.equal(weight, zero), total, ops.div(total, weight))
    nothing = ops.reduce_min(cast(unknown, np.int32), constant(FEATURES))
    return ops.where(cast(nothing, np.bool_), constant(_mean(values, absent), kind), mean)


def _mean(values: np.ndarray, absent: np.ndarray) -> Any:
    return np.ma.array(values, mask=absent).mean()
