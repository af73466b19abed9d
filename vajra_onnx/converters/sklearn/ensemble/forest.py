"""sklearn.ensemble._forest: the mean of many trees, added up in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.target import current
from ....graph.trees import Tree, leaf_nodes, leaf_sum, leaf_table, ordered_sum
from ....graph.values import cast, constant, constant_like
from ...registry import Outputs, converts
from ..tree.classes import RULE, classification, leaves, sources, tree_of


@converts(RandomForestClassifier, ExtraTreesClassifier)
def forest_classifier(model: Any, block: Block) -> Outputs:
    """The mean of the trees' probabilities; the label is the largest one's."""
    mean, nodes = _mean_and_nodes(model, block)
    if current().mode == "fast" and current().ml_opset >= 5 and model.n_outputs_ == 1 and model.n_classes_ == 2:
        second = _fast_mean(model, block, lambda tree: tree.value[:, 1])
        mean = ops.gemm(second, constant_like(second, [[-1.0, 1.0]]), constant_like(second, [1.0, 0.0]))
    return {**classification(model, mean), "apply": nodes}


@converts(RandomForestRegressor, ExtraTreesRegressor)
def forest_regressor(model: Any, block: Block) -> Outputs:
    """The mean of the trees' values."""
    mean, nodes = _mean_and_nodes(model, block)
    if current().mode == "fast" and current().ml_opset >= 5 and model.n_outputs_ == 1:
        mean = _fast_mean(model, block, lambda tree: tree.value[:, 0])
    return {"predict": ops.reshape(mean, constant([-1])) if model.n_outputs_ == 1 else mean, "apply": nodes}


@converts(RandomTreesEmbedding)
def random_trees_embedding(model: RandomTreesEmbedding, block: Block) -> Outputs:
    """One column per leaf of each tree: 1 where the row reaches it. Every leaf holds training rows, so none is unknown."""
    trees = [tree_of(e) for e in model.estimators_]
    seen = np.concatenate(model.one_hot_encoder_.categories_)
    if not np.array_equal(seen, leaf_nodes(trees)):
        raise UnsupportedError("RandomTreesEmbedding", expected="a column for every leaf", got=f"{len(seen)} columns")
    index = leaves(block, trees)
    rows = ops.slice(ops.shape(index), constant([0]), constant([1]))
    zero, one = (constant(value, working(model.one_hot_encoder_.dtype)) for value in (0, 1))
    blank = ops.expand(zero, ops.concat([rows, constant([len(seen)])], axis=0))
    hot = ops.scatter_elements(blank, index, ops.expand(one, ops.shape(index)), axis=1)
    embedding = Block.matrix_of(hot, len(seen), sparse=model.sparse_output)
    return {"transform": embedding, "apply": ops.gather(constant(leaf_nodes(trees)), index, axis=0)}


def _fast_mean(model: Any, block: Block, value: Callable[[Tree], np.ndarray]) -> Var:
    """The mean of one number per leaf, [N, 1], added up by the operator that finds the leaves: no look-up follows."""
    x, trees = sources(block, [tree_of(e) for e in model.estimators_])
    parts = [replace(tree, value=value(tree) / len(trees)) for tree in trees]
    return cast(ordered_sum(x, parts, rule=RULE, targets=[0] * len(parts), n_targets=1), np.float32)


def _mean_and_nodes(model: Any, block: Block) -> tuple[Var, Var]:
    """The mean of the leaves that each row reaches, [N, K], and the nodes of these leaves, [N, T].

    ((t0 + t1) + t2) + ..., divided by the number of trees: the order of scikit-learn with n_jobs=1.
    """
    trees = [tree_of(e) for e in model.estimators_]
    index = leaves(block, trees)
    total = leaf_sum(index, leaf_table(trees))
    mean = ops.div(total, constant_like(total, len(trees)))
    return mean, ops.gather(constant(leaf_nodes(trees)), index, axis=0)
