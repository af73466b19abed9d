"""Tree ensembles: which leaf each row reaches, and sums of leaves in the order of the trees. Every tree family goes through here.

Measured with onnxruntime 1.32: at one intra-op thread TreeEnsemble adds ((base + t0) + t1) + ... in the order of the trees; with
more threads it may add in another order. `leaf_index` and `leaf_sum` give the same bits at any number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ..errors import UnsupportedError
from . import ops
from .target import current
from .tree_nodes import RULES, Nodes, Tree, ensemble_v3, ensemble_v5
from .values import cast, constant, dtype_of

__all__ = ["Tree", "leaf_index", "leaf_nodes", "leaf_sum", "leaf_table", "ordered_sum"]

# The whole numbers that a float32 holds without a gap.
FLOAT32_EXACT = 2**24


def leaf_index(x: Var, trees: Sequence[Tree], *, rule: str) -> Var:
    """The leaf that each row reaches in each tree, as an index into `leaf_table(trees)`.

    x: [N, F], float32 or float64: the dtype in which values are compared; thresholds are moved to the equivalent ones of that
    dtype. rule: "<=" | "<" | ">"; a row for which x[feature] RULE threshold holds goes left. Returns int64 [N, T].
    """
    nodes = Nodes.of(trees, _checked(rule), dtype_of(x))
    number = np.arange(nodes.leaf.sum())
    first = np.concatenate([[0], np.cumsum(np.bincount(nodes.tree[nodes.leaf]))[:-1]])
    # Float32 outputs hold every whole number up to 2**24: a larger forest counts within each tree, and adds afterwards.
    emitted = np.float32 if current().ml_opset < 5 else dtype_of(x)
    local = emitted == np.float32 and len(number) > FLOAT32_EXACT
    emit = number - first[nodes.tree[nodes.leaf]] if local else number
    index = cast(_ensemble(x, nodes, rule, emit, nodes.tree[nodes.leaf], len(trees)), np.int64)
    return ops.add(index, constant(first[None, :], np.int64)) if local else index


def leaf_table(trees: Sequence[Tree]) -> np.ndarray:
    """The value of every leaf, in the order of trees and of their nodes: [leaves, K]."""
    return np.concatenate([t.value.reshape(len(t.left), -1)[t.left < 0] for t in trees])


def leaf_nodes(trees: Sequence[Tree]) -> np.ndarray:
    """The number of each leaf's node within its own tree, int64 [leaves], in the order of `leaf_table`."""
    return np.concatenate([np.flatnonzero(tree.left < 0) for tree in trees])


def leaf_sum(index: Var, table: np.ndarray) -> Var:
    """(t0 + t1) + t2 + ... of the leaves that a `leaf_index` reaches, [N, K] in the dtype of the table, at any number of threads.

    table: [leaves, K]. ReduceSum over the first of several axes adds slice by slice, in order; over the last one it would not.
    """
    values = ops.gather(constant(table), ops.transpose(index, perm=[1, 0]), axis=0)
    return ops.reduce_sum(values, constant([0], np.int64), keepdims=0)


def ordered_sum(
    x: Var,
    trees: Sequence[Tree],
    *,
    rule: str,
    targets: Sequence[int],
    n_targets: int,
    base: Sequence[float] | None = None,
) -> Var:
    """((base + t0) + t1) + ... for each target, in the order of the trees and in the dtype of `x`: [N, n_targets].

    targets: the target of each tree; the leaves of a tree with vectors [n, n_targets] count for all of them. base: one value
    per target. Bit-identical to adding one by one at one intra-op thread. rule: see `leaf_index`.
    """
    everything = [*([] if base is None else [Tree.leaf(b) for b in base]), *trees]
    goal = np.array([*([] if base is None else range(n_targets)), *targets], np.int64)
    if current().ml_opset < 5 or any(t.value.ndim == 2 and t.value.shape[1] > 1 for t in trees):
        table = np.concatenate([_spread(t, int(k), n_targets, dtype_of(x)) for t, k in zip(everything, goal, strict=True)])
        return leaf_sum(leaf_index(x, everything, rule=rule), table)
    nodes = Nodes.of(everything, _checked(rule), dtype_of(x))
    return _ensemble(x, nodes, rule, leaf_table(everything)[:, 0], goal[nodes.tree[nodes.leaf]], n_targets)


def _spread(tree: Tree, target: int, n_targets: int, dtype: np.dtype[Any]) -> np.ndarray:
    """The leaves of a tree as vectors over all targets, [leaves, n_targets]: 0 where it does not count."""
    leaves = leaf_table([tree]).astype(dtype)
    if leaves.shape[1] == n_targets:
        return leaves
    spread = np.zeros((len(leaves), n_targets), dtype)
    spread[:, target] = leaves[:, 0]
    return spread


def _checked(rule: str) -> str:
    if rule not in RULES:
        raise UnsupportedError("rule of a tree", expected=" | ".join(RULES), got=repr(rule))
    return rule


def _ensemble(x: Var, nodes: Nodes, rule: str, weights: np.ndarray, targets: np.ndarray, n_targets: int) -> Var:
    """One operator for all trees: the sum per target of the weights of the leaves that are reached, [N, n_targets]."""
    if current().ml_opset < 5:
        if nodes.members:
            raise UnsupportedError(
                "trees with categorical splits",
                expected="ai.onnx 21 / ai.onnx.ml 5 or later",
                got=f"ai.onnx {current().opset} / ai.onnx.ml {current().ml_opset}",
                hint="convert with the default --target-opset",
            )
        return ops.tree_ensemble_regressor(
            x,
            n_targets=n_targets,
            target_ids=targets.tolist(),
            target_weights=weights.astype(np.float32).tolist(),
            **ensemble_v3(nodes, rule),
        )
    attributes = ensemble_v5(nodes, rule)
    if nodes.members and nodes.leaf[0]:
        # onnxruntime 1.32 makes one of categorical nodes in a row that lead to equal leaves, and hangs the weights of the leaves
        # that it drops on the very first node, if that is a leaf: it gets a split, and the same leaf again on the other side.
        attributes["nodes_falsenodeids"][0] = len(weights)
        weights, targets = np.append(weights, weights[0]), np.append(targets, targets[0])
    return ops.tree_ensemble(
        x,
        n_targets=n_targets,
        leaf_targetids=targets.tolist(),
        leaf_weights=weights.astype(dtype_of(x)),
        **attributes,
    )
