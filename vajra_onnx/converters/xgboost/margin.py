"""The margin: the base margin plus the leaves, or the weighted features, in XGBoost's own order and in float32."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.trees import Tree, leaf_index, leaf_nodes, ordered_sum
from ...graph.values import constant, squeezed
from ..registry import OnDemand
from .model import Model


def margin(model: Model, x: Var, *, in_place: bool) -> Var:
    """((base + t0) + t1) + ..., float32 [N, K]. x: float32 [N, F], missing values as NaN.

    in_place: the original calls `inplace_predict`, whose arithmetic differs for dart (see `_weighted`).
    """
    if model.linear is not None:
        return _linear(model, x)
    trees = model.trees if model.weights is None else _weighted(model, in_place)
    return ordered_sum(x, trees, rule="<", targets=model.targets, n_targets=len(model.base), base=model.base.tolist())


def leaves(model: Model, x: Var) -> OnDemand | None:
    """The node of the leaf that each row reaches in each tree, float32 [N, T] ([N] for a single tree); None without trees.

    Source: `Booster.predict(pred_leaf=True)` of XGBoost, whose `apply` it is.
    """
    if model.linear is not None or not model.trees:
        return None
    return OnDemand(lambda: _leaves(model, x))


def _leaves(model: Model, x: Var) -> Var:
    nodes = constant(leaf_nodes(model.trees).astype(np.float32))
    return squeezed(ops.gather(nodes, leaf_index(x, model.trees, rule="<"), axis=0))


def _weighted(model: Model, in_place: bool) -> tuple[Tree, ...]:
    """The trees of a dart booster with the weights folded into the leaves, rounded as `Dart::PredictBatchImpl` does.

    `Dart::InplacePredict` adds the base margin to each leaf and takes it off again, which costs some of its bits.
    """
    assert model.weights is not None
    weighted = []
    for tree, target, weight in zip(model.trees, model.targets, model.weights, strict=True):
        base = model.base[target] if in_place else np.float32(0)
        weighted.append(replace(tree, value=((tree.value + base) - base) * weight))
    return tuple(weighted)


def _linear(model: Model, x: Var) -> Var:
    """(bias + base) + x0 * w0 + x1 * w1 + ..., in this order; missing features are left out.

    CumSum adds in order, which ReduceSum and MatMul do not promise.
    """
    assert model.linear is not None
    weights, start = model.linear[:-1], np.zeros((1, model.n_features, len(model.base)), np.float32)
    start[0, 0] = model.linear[-1] + model.base
    terms = ops.mul(ops.unsqueeze(x, constant([2], np.int64)), constant(weights[None]))
    present = ops.where(ops.isnan(terms), constant(0.0, np.float32), terms)
    sums = ops.cumsum(ops.add(present, constant(start)), constant(1, np.int64))
    return ops.gather(sums, constant(model.n_features - 1, np.int64), axis=1)
