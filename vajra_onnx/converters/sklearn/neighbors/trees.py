"""The order in which the search of a KDTree or BallTree meets the fitted points (sklearn/neighbors/_binary_tree.pxi.tp).

Depth first, the nearer child before the other, the left one where both are as near; within a leaf in the tree's own order.
Skipping the nodes that are too far changes nothing: their points would be rejected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import KDTree
from spox import Var

from ....graph import ops
from ....graph.block import working
from ....graph.values import constant
from ..metrics.pairwise import by_row, distances, reduced_distances, reduction


def visits(tree: Any, x: Var, reduced: Var, metric: str, p: float, w: Any) -> tuple[Var, Var]:
    """The distances in the order of the search, and the points. x: [T, F], reduced: [T, S] -> both [T, S]."""
    _, points, nodes, bounds = (np.asarray(a) for a in tree.get_arrays())
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    in_tree_order = ops.gather(reduced, constant(points.astype(np.int64)), axis=1)
    if not len(inner):
        order = ops.expand(constant(np.arange(len(points)).reshape(1, -1)), ops.shape(reduced))
        order = ops.reshape(order, constant(np.array([-1, len(points)])))
    else:
        bound = _lower_bounds(tree, x, nodes, bounds, metric, p, w)
        right_first = ops.greater(
            ops.gather(bound, constant(2 * inner + 1), axis=1), ops.gather(bound, constant(2 * inner + 2), axis=1)
        )
        weights, start = _ranks(nodes, inner, len(points))
        ranks = ops.matmul(ops.cast(right_first, to=working(np.float64).type), constant(weights, working(np.float64)))
        ranks = ops.add(ranks, constant(start, working(np.float64)))
        _, order = ops.top_k(ranks, constant(np.array([len(points)])), largest=0)
    return ops.gather_elements(in_tree_order, order, axis=1), ops.gather(constant(points.astype(np.int64)), order, axis=0)


def _lower_bounds(tree: Any, x: Var, nodes: np.ndarray, bounds: np.ndarray, metric: str, p: float, w: Any) -> Var:
    """The least reduced distance from each row to each node: [T, nodes]. Source: min_rdist of both kinds of tree."""
    if isinstance(tree, KDTree):
        low, high = (constant(np.ascontiguousarray(b.T), working(np.float64)) for b in bounds)
        reduce = reduction(metric, len(nodes), p)
        return by_row(x, len(nodes), lambda row: reduce(ops.add(ops.relu(ops.sub(low, row)), ops.relu(ops.sub(row, high)))))
    to_center = distances(reduced_distances(x, bounds[0], metric, p, w), metric, p)
    gap = ops.relu(ops.sub(to_center, constant(nodes["radius"].reshape(1, -1), working(np.float64))))
    if metric == "euclidean":
        return ops.mul(gap, gap)
    return ops.pow(gap, constant(p, working(np.float64))) if metric == "minkowski" else gap


def _ranks(nodes: np.ndarray, inner: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights [inner nodes, S] and offsets [S]: right_first @ weights + offsets ranks the points' leaves.

    A binary number with one digit for each node on the way to the leaf, the root's first: 1 where the search takes the
    other child before.
    """
    column = {node: i for i, node in enumerate(inner.tolist())}
    weights, offsets = np.zeros((len(inner), size)), np.zeros(size)
    depth = int(np.log2(len(nodes)))
    for leaf in np.flatnonzero(nodes["is_leaf"]):
        of_leaf = slice(nodes["idx_start"][leaf], nodes["idx_end"][leaf])
        node = int(leaf)
        while node:
            parent, is_right = (node - 1) // 2, node % 2 == 0
            digit = 2.0 ** (depth - int(np.log2(parent + 1)))
            weights[column[parent], of_leaf] = -digit if is_right else digit
            offsets[of_leaf] += digit if is_right else 0.0
            node = parent
    return weights, offsets
