"""sklearn.tree._classes: single trees, and what the forests share with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.folding import on_sources
from ....graph.trees import Tree, leaf_index, leaf_nodes, leaf_table
from ....graph.values import constant
from ...registry import Outputs, converts
from ..labels import largest

# A row goes left where its float32 value <= the float64 threshold: sklearn/tree/_tree.pyx, Tree._apply_dense.
RULE = "<="


@converts(DecisionTreeClassifier, ExtraTreeClassifier)
def tree_classifier(model: Any, block: Block) -> Outputs:
    """Probabilities are the fractions of the classes in the leaf; the label is the largest one's."""
    tree = tree_of(model)
    leaf = leaves(block, [tree])
    probabilities = ops.gather_nd(constant(leaf_table([tree])), leaf)
    return {**classification(model, probabilities), "apply": _node(tree, leaf)}


@converts(DecisionTreeRegressor, ExtraTreeRegressor)
def tree_regressor(model: Any, block: Block) -> Outputs:
    """The value of the leaf, one for each target."""
    tree = tree_of(model)
    leaf = leaves(block, [tree])
    values = leaf_table([tree])
    return {
        "predict": ops.gather_nd(constant(values[:, 0] if model.n_outputs_ == 1 else values), leaf),
        "apply": _node(tree, leaf),
    }


def leaves(block: Block, trees: Sequence[Tree]) -> Var:
    """The leaf that each row reaches in each tree, as `leaf_index` has it: int64 [N, T]."""
    x, trees = sources(block, trees)
    return leaf_index(x, trees, rule=RULE)


def sources(block: Block, trees: Sequence[Tree]) -> tuple[Var, list[Tree]]:
    """What these trees look at, [N, G], and trees that look there: see `on_sources`.

    Of a sparse matrix only the columns that some tree looks at become dense.
    """
    if block.entries() is not None:
        seen = np.unique(np.concatenate([[0], *(tree.feature[tree.left >= 0] for tree in trees)]))
        block = block.select(seen)
        trees = [replace(tree, feature=np.searchsorted(seen, np.maximum(tree.feature, 0))) for tree in trees]
    return on_sources(block, trees, np.float32)


def are_trees(estimators: Sequence[Any]) -> bool:
    """Whether all of them are plain trees, which then become one operator."""
    return all(
        type(e) in (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor) for e in estimators
    )


def tree_of(model: Any) -> Tree:
    """The arrays of a fitted tree; the value of a leaf is [n_outputs * n_classes], flattened."""
    fitted = model.tree_
    return Tree(
        left=fitted.children_left,
        right=fitted.children_right,
        feature=fitted.feature,
        threshold=fitted.threshold,
        value=fitted.value.reshape(fitted.node_count, -1).astype(working(np.float64)),
        missing_left=fitted.missing_go_to_left.astype(bool),
    )


def on_columns(tree: Tree, columns: Sequence[int]) -> Tree:
    """A tree that was fitted on these columns, for rows that hold all of them."""
    return replace(tree, feature=np.where(tree.left < 0, 0, np.asarray(columns)[np.maximum(tree.feature, 0)]))


def classification(model: Any, probabilities: Var) -> dict[str, Any]:
    """The outputs of a tree or forest from all its probabilities, [N, n_outputs * largest number of classes]."""
    if model.n_outputs_ == 1:
        return {
            "predict": largest(model.classes_, probabilities),
            "predict_proba": probabilities,
            "predict_log_proba": ops.log(probabilities),
        }
    stride = max(model.n_classes_)
    parts = [_columns(probabilities, k * stride, n) for k, n in enumerate(model.n_classes_)]
    labels = [largest(classes, p) for classes, p in zip(model.classes_, parts, strict=True)]
    together = ops.concat([ops.reshape(label, constant([-1, 1])) for label in labels], axis=1)
    return {"predict": together, "predict_proba": parts, "predict_log_proba": [ops.log(p) for p in parts]}


def _columns(x: Var, start: int, count: int) -> Var:
    return ops.slice(x, constant([start]), constant([start + count]), constant([1]))


def _node(tree: Tree, leaf: Var) -> Var:
    return ops.gather_nd(constant(leaf_nodes([tree])), leaf)
