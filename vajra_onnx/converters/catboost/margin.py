"""Raw scores and leaves: for each output ((t0 + t1) + t2) + ..., times the scale, plus the bias, in float64."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.symmetric import few_rows, fits, symmetric_sum
from ...graph.trees import leaf_index, ordered_sum
from ...graph.values import cast, constant, constant_like
from .model import Model

RULE = ">"


def margin(model: Model, x: Var) -> Var:
    """The raw scores, [N, K], in the order of the outputs of the trees. x: float32 [N, C], see `Model`.

    Source: `CalcTreesBlockedImpl` of catboost/libs/model/cpu/evaluator_impl.cpp, which adds tree by tree, and
    `ApplyScaleAndBias`.
    """
    total = _sum(model, x)
    if model.scale != 1:
        total = ops.mul(total, constant_like(total, model.scale))
    return ops.add(total, constant_like(total, model.bias[None, :])) if model.bias.any() else total


def _sum(model: Model, x: Var) -> Var:
    """The sum of the leaves, [N, K], by whichever way is faster for as many rows."""
    dtype = working(np.float64)

    def one_by_one() -> list[Var]:
        targets = [0] * len(model.trees)
        return [ordered_sum(cast(x, dtype), model.trees, rule=RULE, targets=targets, n_targets=len(model.bias))]

    def all_at_once() -> list[Var]:
        return [symmetric_sum(x, model.trees, dtype)]

    if not (model.symmetric and fits(model.trees)):
        return one_by_one()[0]
    either = ops.if_(few_rows(x), then_branch=one_by_one, else_branch=all_at_once)[0]
    return ops.reshape(either, constant([-1, len(model.bias)]))


def leaves(model: Model, x: Var) -> Var:
    """The number of the leaf that each row reaches in each tree, uint32 [N, T], as `calc_leaf_indexes` counts them."""
    first = np.cumsum([0, *((t.left < 0).sum() for t in model.trees)])[:-1]
    index = leaf_index(x, model.trees, rule=RULE)
    return cast(ops.sub(index, constant(first[None, :], np.int64)), np.uint32)
