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
from ....graph.values import constant, constant_like
from ..metrics.distances import distances, reduce, reduced
from ..metrics.pairwise import Parameters, by_row, reduction


def visits(tree: Any, x: Var, to_points: Var, metric: str, parameters: Parameters) -> tuple[Var, Var]:
    """The distances in the order of the search, and the points. x: [T, F], to_points: [T, S] -> both [T, L * M]: leaf by leaf,
    each filled up to the size of the largest with infinite distances."""
    _, points, nodes, bounds = (np.asarray(a) for a in tree.get_arrays())
    leaves = np.flatnonzero(nodes["is_leaf"])
    members = np.full((len(leaves), int((nodes["idx_end"] - nodes["idx_start"])[leaves].max())), len(points))
    for row, leaf in zip(members, leaves, strict=True):
        inside = points[nodes["idx_start"][leaf] : nodes["idx_end"][leaf]]
        row[: len(inside)] = inside
    padded = ops.pad(to_points, constant([0, 0, 0, 1]), constant_like(to_points, np.inf))
    if len(leaves) == 1:
        flat = constant(members.reshape(-1))
        return ops.gather(padded, flat, axis=1), ops.unsqueeze(flat, constant([0]))
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    bound = _lower_bounds(tree, x, nodes, bounds, metric, parameters)
    right_first = ops.greater(
        ops.gather(bound, constant(2 * inner + 1), axis=1), ops.gather(bound, constant(2 * inner + 2), axis=1)
    )
    weights, start = _ranks(nodes, inner, leaves)
    ranks = ops.matmul(ops.cast(right_first, to=working(np.float64).type), constant(weights, working(np.float64)))
    ranks = ops.add(ranks, constant(start, working(np.float64)))
    _, order = ops.top_k(ranks, constant(np.array([len(leaves)])), largest=0)
    at = ops.reshape(ops.gather(constant(members), order, axis=0), constant([-1, members.size]))
    return ops.gather_elements(padded, at, axis=1), at


def _lower_bounds(tree: Any, x: Var, nodes: np.ndarray, bounds: np.ndarray, metric: str, parameters: Parameters) -> Var:
    """The least reduced distance from each row to each node: [T, nodes]. Source: min_rdist of both kinds of tree."""
    if isinstance(tree, KDTree):
        low, high = (constant(np.ascontiguousarray(b.T), working(np.float64)) for b in bounds)
        reduction_of = reduction(metric, len(nodes), {**parameters, "w": None})
        return by_row(x, len(nodes), lambda row: reduction_of(ops.add(ops.relu(ops.sub(low, row)), ops.relu(ops.sub(row, high)))))
    to_center = distances(reduced(x, bounds[0], metric, parameters), metric, parameters)
    gap = ops.relu(ops.sub(to_center, constant(nodes["radius"].reshape(1, -1), working(np.float64))))
    return reduce(gap, metric, parameters)


def _ranks(nodes: np.ndarray, inner: np.ndarray, leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights [inner nodes, L] and offsets [L]: right_first @ weights + offsets ranks the leaves.

    A binary number with one digit for each node on the way to the leaf, the root's first: 1 where the search takes the
    other child before.
    """
    column = {node: i for i, node in enumerate(inner.tolist())}
    weights, offsets = np.zeros((len(inner), len(leaves))), np.zeros(len(leaves))
    depth = int(np.log2(len(nodes)))
    for place, leaf in enumerate(leaves.tolist()):
        node = leaf
        while node:
            parent, is_right = (node - 1) // 2, node % 2 == 0
            digit = 2.0 ** (depth - int(np.log2(parent + 1)))
            weights[column[parent], place] = -digit if is_right else digit
            offsets[place] += digit if is_right else 0.0
            node = parent
    return weights, offsets
