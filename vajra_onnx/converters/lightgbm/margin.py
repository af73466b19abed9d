"""The raw score and the leaves: for each output ((0 + t0) + t1) + ..., in float64 and in LightGBM's own order."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.trees import leaf_index, ordered_sum
from ...graph.values import cast, constant
from .linear import linear_sum
from .model import Model
from .views import views

RULE = "<="


def raw_and_leaves(model: Model, x: Var, *, sparse: bool) -> tuple[Var, Var]:
    """The raw score [N, K], and the number of the leaf in each tree, int32 [N, T].

    x: float64 [N, F], missing values as NaN. sparse: of a sparse matrix. Source: `GBDT::PredictRaw`, whose sums are not divided
    by the number of rounds, not even those of a random forest, and `GBDT::PredictLeafIndex`.
    """
    seen, trees = views(x, model.trees, model.n_features)  # before fast mode rounds: what is within 1e-35 of zero must not change
    x, seen = cast(x, working(np.float64)), cast(seen, working(np.float64))
    index = leaf_index(seen, trees, rule=RULE)
    first = np.cumsum([0, *((t.left < 0).sum() for t in trees)])[:-1]
    leaves = cast(ops.sub(index, constant(first[None, :])), np.int32)
    if any(model.linear):
        return linear_sum(model, x, index, sparse=sparse), leaves
    outputs = model.n_outputs
    return ordered_sum(seen, trees, rule=RULE, targets=[t % outputs for t in range(len(trees))], n_targets=outputs), leaves
