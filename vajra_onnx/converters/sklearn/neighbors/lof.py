"""sklearn.neighbors._lof."""

from __future__ import annotations

from copy import copy

import numpy as np
from sklearn.neighbors import LocalOutlierFactor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import Output, converts
from ..arrays import added, as_columns, column, promoted, row_sums
from .base import kneighbors


@converts(LocalOutlierFactor)
def local_outlier_factor(model: LocalOutlierFactor, block: Block) -> dict[str, Output | list[Var]]:
    """How much sparser the neighbourhood of a row is than those of its neighbours, negated; below the offset is an outlier.

    numpy adds up in the order that `row_sums` has, too, so that scores are as exact as the distances.
    """
    if not model.novelty:
        raise UnsupportedError("LocalOutlierFactor", expected="novelty=True", got="novelty=False: it has no predict for new rows")
    size = model.n_neighbors_
    searched = copy(model)
    searched.n_neighbors = size
    reached = model._distances_fit_X_[:, size - 1]
    distance, index = kneighbors(searched, block, np.stack([reached, model._lrd], axis=1))
    near = cast(distance, np.float32) if block.dtype == np.float32 else distance
    farthest = ops.gather(_weight(reached), index, axis=0)
    mean = _mean(ops.max(promoted([near, farthest])), size)
    density = ops.div(constant_like(mean, 1.0), added(mean, 1e-10))
    ratios = ops.div(*promoted([ops.gather(_weight(model._lrd), index, axis=0), as_columns(density)]))
    scores = ops.neg(_mean(ratios, size))
    decision = added(scores, -model.offset_)
    outlier = ops.less(decision, constant_like(decision, 0.0))
    outputs: dict[str, Output | list[Var]] = {
        "predict": ops.where(outlier, constant(np.int64(-1)), constant(np.int64(1))),
        "decision_function": decision,
        "score_samples": scores,
    }
    return {**outputs, "kneighbors": list(kneighbors(model, block, ordered=True))} if model.n_neighbors == size else outputs


def _weight(values: np.ndarray) -> Var:
    return constant(values, working(values.dtype))


def _mean(x: Var, size: int) -> Var:
    """[N, size] -> [N], in the dtype of `x`."""
    total = row_sums([column(x, i) for i in range(size)])
    return ops.div(total, constant(size, dtype_of(x)))
