"""sklearn.ensemble._iforest: how deep a row falls in random trees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.trees import leaf_sum, leaf_table
from ....graph.values import constant_like
from ...registry import Outputs, converts
from ..arrays import column
from ..labels import take
from ..tree.classes import leaves, on_columns, tree_of


@converts(IsolationForest)
def isolation_forest(model: IsolationForest, block: Block) -> Outputs:
    """score = -2 ** -(mean depth / expected depth); an outlier, -1, is below the offset. Source: _compute_score_samples."""
    denominator = float(len(model.estimators_) * _average_path_length([model._max_samples])[0])
    if denominator == 0:
        raise UnsupportedError("IsolationForest", expected="at least two rows per tree", got=str(model._max_samples))
    trees = []
    for i, (estimator, features) in enumerate(zip(model.estimators_, model.estimators_features_, strict=True)):
        depth = model._decision_path_lengths[i] + model._average_path_length_per_tree[i] - 1.0
        tree = replace(tree_of(estimator), value=depth.astype(working(np.float64)))
        trees.append(tree if model._max_features == model.n_features_in_ else on_columns(tree, features))
    depths = column(leaf_sum(leaves(block, trees), leaf_table(trees)), 0)
    exponent = ops.neg(ops.div(depths, constant_like(depths, denominator)))
    scores = ops.neg(ops.pow(constant_like(depths, 2.0), exponent))
    decision = ops.sub(scores, constant_like(scores, model.offset_))
    inlier = ops.cast(ops.greater_or_equal(decision, constant_like(decision, 0.0)), to=np.int64)
    return {"predict": take(np.array([-1, 1]), inlier), "decision_function": decision, "score_samples": scores}
