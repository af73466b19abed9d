"""The raw score and the leaves: for each output ((0 + t0) + t1) + ..., in float64 and in LightGBM's own order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.trees import Tree, leaf_index, ordered_sum
from ...graph.values import cast, constant
from ..registry import OnDemand
from .linear import linear_sum
from .model import Model
from .views import views

RULE = "<="


def raw_and_leaves(model: Model, x: Var, *, sparse: bool) -> tuple[Var, OnDemand]:
    """The raw score [N, K], and the number of the leaf in each tree, int32 [N, T].

    x: float64 [N, F], missing values as NaN. sparse: of a sparse matrix. Source: `GBDT::PredictRaw`, whose sums are not divided
    by the number of rounds, not even those of a random forest, and `GBDT::PredictLeafIndex`.
    """
    seen, trees = views(x, model.trees, model.n_features)  # before fast mode rounds: what is within 1e-35 of zero must not change
    x, seen = cast(x, working(np.float64)), cast(seen, working(np.float64))
    if any(model.linear):
        index = leaf_index(seen, trees, rule=RULE)
        return linear_sum(model, x, index, sparse=sparse), OnDemand(lambda: _leaves(index, trees))
    outputs = model.n_outputs
    raw = ordered_sum(seen, trees, rule=RULE, targets=[t % outputs for t in range(len(trees))], n_targets=outputs)
    return raw, OnDemand(lambda: _leaves(leaf_index(seen, trees, rule=RULE), trees))


def _leaves(index: Var, trees: Sequence[Tree]) -> Var:
    first = np.cumsum([0, *((t.left < 0).sum() for t in trees)])[:-1]
    return cast(ops.sub(index, constant(first[None, :])), np.int32)
