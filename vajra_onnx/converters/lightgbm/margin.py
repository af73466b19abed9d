"""The raw score and the leaves: for each output ((0 + t0) + t1) + ..., in float64 and in LightGBM's own order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.trees import Tree, leaf_index, ordered_sum
from ...graph.values import cast, constant
from .linear import linear_sum
from .model import Model
from .trees import rounded_to_zero
from .views import views

RULE = "<="


def margin(model: Model, x: Var, *, sparse: bool) -> Var:
    """The raw score, [N, K] in the dtype of `x`. x: [N, F], missing values as NaN. sparse: of a sparse matrix.

    Source: `GBDT::PredictRaw`. Not divided by the number of rounds, not even that of a random forest.
    """
    seen, trees = _seen(model, x, sparse)
    if any(model.linear):
        return linear_sum(model, x, leaf_index(seen, trees, rule=RULE), sparse=sparse)
    outputs = model.n_outputs
    return ordered_sum(seen, trees, rule=RULE, targets=[t % outputs for t in range(len(trees))], n_targets=outputs)


def leaves(model: Model, x: Var, *, sparse: bool) -> Var:
    """The number of the leaf in each tree, int32 [N, T]. Source: `GBDT::PredictLeafIndex`."""
    seen, trees = _seen(model, x, sparse)
    first = np.cumsum([0, *((t.left < 0).sum() for t in trees)])[:-1]
    return cast(ops.sub(leaf_index(seen, trees, rule=RULE), constant(first[None, :])), np.int32)


def _seen(model: Model, x: Var, sparse: bool) -> tuple[Var, Sequence[Tree]]:
    trees = model.trees
    if not sparse:
        trees = tuple(replace(t, threshold=rounded_to_zero(t.threshold)) for t in trees)
    return views(x, trees, model.n_features)
