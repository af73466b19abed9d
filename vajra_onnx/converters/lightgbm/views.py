"""The columns that the trees look at: each feature in the way, or the ways, in which a split looks at it (see `trees.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.trees import Tree
from ...graph.values import constant, constant_like
from .trees import CATEGORY, PLAIN, ZERO, ZERO_IS_MISSING


def views(x: Var, trees: Sequence[Tree], n_features: int) -> tuple[Var, tuple[Tree, ...]]:
    """The columns [N, V], and the trees with `feature` as the number of such a column. x: [N, F], missing values as NaN."""
    used = np.unique(np.concatenate([np.zeros(0, np.int64), *(t.feature[t.left >= 0] for t in trees)]))
    way, feature = np.divmod(used, n_features)
    if (way == PLAIN).all():
        return x, tuple(trees)
    order = np.lexsort((way, feature))
    way, feature = way[order], feature[order]
    if not np.array_equal(feature, np.arange(n_features)):
        x = ops.gather(x, constant(feature), axis=1)
    x = _where(way == ZERO_IS_MISSING, _zero_is_missing, x)
    x = _where(way == CATEGORY, _whole, x)
    place = np.zeros(3 * n_features, np.int64)
    place[used[order]] = np.arange(len(used))
    return x, tuple(replace(t, feature=place[t.feature]) for t in trees)


def _where(chosen: np.ndarray, function: Callable[[Var], Var], x: Var) -> Var:
    """`function` of the chosen columns, the others as they are. chosen: bool [V]."""
    if not chosen.any():
        return x
    return function(x) if chosen.all() else ops.where(constant(chosen[None, :]), function(x), x)


def _zero_is_missing(x: Var) -> Var:
    """NaN within ZERO of zero."""
    return ops.where(ops.less_or_equal(ops.abs(x), constant_like(x, ZERO)), constant_like(x, np.nan), x)


def _whole(x: Var) -> Var:
    """Cut towards zero, as C does: -0.5 is category 0."""
    return ops.where(ops.less(x, constant_like(x, 0)), ops.ceil(x), ops.floor(x))
