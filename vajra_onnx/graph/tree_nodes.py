"""Trees as arrays, and how many of them become the attributes of one operator. No operator is built here.

Everything is vectorised over all nodes of all trees: a forest of 5,000 trees is a dozen numpy calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RULES = ("<=", "<", ">")


@dataclass(frozen=True)
class Tree:
    """One binary tree: arrays over its n nodes. Node 0 is the root; a tree may be a single leaf.

    left, right: int64 [n], the children, -1 at leaves. feature: int64 [n]. threshold: [n], in the dtype in which the
    original compares; it may be inf. value: [n] or [n, K], what each leaf contributes. missing_left: bool [n], where NaN
    goes left; None sends it right, as every comparison with NaN is false.
    members: the categorical nodes, each with the whole numbers that go left; all others go right. The rows hold whole numbers
    there, too, rounded by the caller as the original does: onnxruntime truncates 2.5 to 2 where a set is large, and only there.
    differs: bool [n]; such a node sends a row to the left where it is not equal to the threshold, a whole number.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    missing_left: np.ndarray | None = None
    members: Mapping[int, np.ndarray] | None = None
    differs: np.ndarray | None = None

    @staticmethod
    def leaf(value: Any) -> Tree:
        """The tree that contributes the same to every row: a base score, an initial prediction."""
        nowhere, zero = np.array([-1], np.int64), np.zeros(1, np.int64)
        return Tree(nowhere, nowhere, zero, np.zeros(1), np.asarray(value).reshape(1, -1))


@dataclass(frozen=True)
class Nodes:
    """The nodes of all trees, one after another, children as positions in that order.

    leaf: bool, which nodes are leaves. start: the position of each tree's root. tree: the number of each node's tree.
    members: the categorical nodes by position.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray | None
    members: Mapping[int, np.ndarray]
    differs: np.ndarray
    leaf: np.ndarray
    start: np.ndarray
    tree: np.ndarray

    @staticmethod
    def of(trees: Sequence[Tree], rule: str, dtype: np.dtype[Any]) -> Nodes:
        """All trees' nodes, with thresholds that decide in `dtype` as the trees' own do."""
        sizes = np.array([len(t.left) for t in trees], np.int64)
        start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        offset = np.repeat(start, sizes)
        left = np.concatenate([t.left for t in trees]).astype(np.int64)
        right = np.concatenate([t.right for t in trees]).astype(np.int64)
        leaf = left < 0
        threshold = equivalent(np.concatenate([t.threshold for t in trees]), dtype, rule)
        missing = None
        if any(t.missing_left is not None for t in trees):
            missing = np.concatenate([np.zeros(len(t.left), bool) if t.missing_left is None else t.missing_left for t in trees])
        return Nodes(
            left=np.where(leaf, -1, left + offset),
            right=np.where(leaf, -1, right + offset),
            feature=np.where(leaf, 0, np.concatenate([t.feature for t in trees])).astype(np.int64),
            threshold=np.where(leaf, 0, threshold).astype(dtype),
            missing_left=missing,
            members={int(s) + n: np.asarray(v) for s, t in zip(start, trees, strict=True) for n, v in (t.members or {}).items()},
            differs=np.concatenate([np.zeros(len(t.left), bool) if t.differs is None else t.differs for t in trees]),
            leaf=leaf,
            start=start,
            tree=np.repeat(np.arange(len(trees)), sizes),
        )


def equivalent(threshold: np.ndarray, dtype: np.dtype[Any], rule: str) -> np.ndarray:
    """The thresholds in `dtype` that decide every value of that dtype as the given ones do.

    x <= t holds for a float32 x exactly where x <= (the largest float32 <= t); x < t where x < (the smallest float32 >= t).
    """
    with np.errstate(over="ignore"):  # the largest number's neighbour is infinity
        rounded = np.asarray(threshold).astype(dtype)
        if rule == "<":
            return np.where(rounded < threshold, np.nextafter(rounded, dtype.type(np.inf)), rounded)
        return np.where(rounded > threshold, np.nextafter(rounded, dtype.type(-np.inf)), rounded)


def ensemble_v5(nodes: Nodes, rule: str) -> dict[str, Any]:
    """The `nodes_*` attributes, `tree_roots` and `membership_values` of ai.onnx.ml 5 TreeEnsemble.

    Leaves are numbered in the order of the nodes. A tree that is a single leaf becomes a node with that leaf on both sides.
    """
    single = nodes.start[nodes.leaf[nodes.start]]
    inner = ~nodes.leaf
    inner[single] = True
    leaf_number, node_number = np.cumsum(nodes.leaf) - 1, np.cumsum(inner) - 1
    left, right = nodes.left.copy(), nodes.right.copy()
    left[single] = right[single] = single
    left, right = left[inner], right[inner]
    modes = np.full(len(nodes.leaf), RULES_V5[rule], np.uint8)
    modes[nodes.differs] = RULES_V5["!="]
    splits = nodes.threshold.copy()
    values: list[np.ndarray] = []
    for position in sorted(nodes.members):
        members = nodes.members[position]
        if len(members):
            modes[position] = RULES_V5["member"]
            values += [members.astype(splits.dtype), np.array([np.nan], splits.dtype)]
        else:  # onnxruntime reads the smallest member without looking whether there is any
            modes[position], splits[position] = RULES_V5["<"], -np.inf
    attributes: dict[str, Any] = {
        "nodes_featureids": nodes.feature[inner].tolist(),
        "nodes_splits": splits[inner],
        "nodes_modes": modes[inner],
        "nodes_truenodeids": np.where(nodes.leaf[left], leaf_number[left], node_number[left]).tolist(),
        "nodes_trueleafs": nodes.leaf[left].astype(np.int64).tolist(),
        "nodes_falsenodeids": np.where(nodes.leaf[right], leaf_number[right], node_number[right]).tolist(),
        "nodes_falseleafs": nodes.leaf[right].astype(np.int64).tolist(),
        "tree_roots": node_number[nodes.start].tolist(),
    }
    if nodes.missing_left is not None:
        attributes["nodes_missing_value_tracks_true"] = nodes.missing_left[inner].astype(np.int64).tolist()
    if values:
        attributes["membership_values"] = np.concatenate(values[:-1])
    return attributes


RULES_V5 = {"<=": 0, "<": 1, ">": 3, "!=": 5, "member": 6}
RULES_V3 = {"<=": "BRANCH_LEQ", "<": "BRANCH_LT", ">": "BRANCH_GT"}


def ensemble_v3(nodes: Nodes, rule: str) -> dict[str, Any]:
    """The `nodes_*` attributes of ai.onnx.ml 3 TreeEnsembleRegressor, whose node ids count within each tree."""
    node_id = np.arange(len(nodes.leaf)) - nodes.start[nodes.tree]
    branch = RULES_V3[rule]
    attributes: dict[str, Any] = {
        "nodes_treeids": nodes.tree.tolist(),
        "nodes_nodeids": node_id.tolist(),
        "nodes_featureids": nodes.feature.tolist(),
        "nodes_modes": ["LEAF" if leaf else branch for leaf in nodes.leaf.tolist()],
        "nodes_truenodeids": np.where(nodes.leaf, 0, node_id[nodes.left]).tolist(),
        "nodes_falsenodeids": np.where(nodes.leaf, 0, node_id[nodes.right]).tolist(),
        "target_treeids": nodes.tree[nodes.leaf].tolist(),
        "target_nodeids": node_id[nodes.leaf].tolist(),
    }
    if nodes.threshold.dtype == np.float64:
        attributes["nodes_values_as_tensor"] = nodes.threshold
    else:
        attributes["nodes_values"] = nodes.threshold.tolist()
    if nodes.missing_left is not None:
        attributes["nodes_missing_value_tracks_true"] = nodes.missing_left.astype(np.int64).tolist()
    return attributes
