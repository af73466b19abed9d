"""sklearn.cluster._bisect_k_means."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import BisectingKMeans

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import cast, constant
from ...registry import Outputs, converts
from .kmeans import center_scores, distances_to


@converts(BisectingKMeans)
def bisecting_kmeans(model: BisectingKMeans, block: Block) -> Outputs:
    """Down the tree of clusters, each time to the nearer of two centers (the left one where both are as near).

    `predict` exists only where scikit-learn has it: for data in the float type of the centers.
    """
    outputs = {"transform": distances_to(block.floats(), model.cluster_centers_, block.dtype == np.float32)}
    if (block.dtype == np.float32) != (model.cluster_centers_.dtype == np.float32):
        return outputs
    splits: list[Any] = []
    leaves: list[tuple[int, dict[int, int]]] = []
    _walk(model._bisecting_tree, {}, splits, leaves)
    labels = constant(np.array([label for label, _ in leaves], np.int32))
    if not splits:
        raise UnsupportedError("BisectingKMeans", expected="at least two clusters", got="one")
    left, right = (np.stack([getattr(s, side).center for s in splits]) for side in ("left", "right"))
    mean = getattr(model, "_X_mean", np.zeros(1, left.dtype))
    x = block.floats()
    goes_right = ops.less(center_scores(x, right + mean), center_scores(x, left + mean))
    path = np.zeros((len(splits), len(leaves)))
    for column, (_, sides) in enumerate(leaves):
        for split, side in sides.items():
            path[split, column] = 1.0 if side else -1.0
    # A row reaches the one leaf on whose path no split disagrees: +1 for every agreement, -1 for every disagreement.
    steps = ops.sub(ops.mul(cast(goes_right, np.float32), constant(np.float32(2))), constant(np.float32(1)))
    agreement = ops.sub(ops.matmul(steps, constant(path.astype(np.float32))), constant(np.abs(path).sum(0).astype(np.float32)))
    return {"predict": ops.gather(labels, ops.arg_max(agreement, axis=1, keepdims=0), axis=0), **outputs}


def _walk(node: Any, path: dict[int, int], splits: list[Any], leaves: list[tuple[int, dict[int, int]]]) -> None:
    """Collect the inner nodes, and of each leaf its label and the sides taken to reach it (0 left, 1 right)."""
    if node.left is None:
        leaves.append((node.label, path))
        return
    index = len(splits)
    splits.append(node)
    _walk(node.left, {**path, index: 0}, splits, leaves)
    _walk(node.right, {**path, index: 1}, splits, leaves)
