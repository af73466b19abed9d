"""Trees that no library would grow, and rows on which they decide by one ulp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vajra_onnx.graph.trees import Tree

FEATURES = 4


def random_tree(rng: np.random.Generator, depth: int, *, missing: bool = False, members: bool = False, outputs: int = 1) -> Tree:
    left, right, feature, threshold = [-1], [-1], [0], [0.0]
    frontier = [(0, 0)]
    while frontier:
        node, level = frontier.pop()
        if level >= depth or (level and rng.random() < 0.2):
            continue
        left[node], right[node] = len(left), len(left) + 1
        feature[node] = int(rng.integers(FEATURES))
        threshold[node] = float(rng.choice([rng.normal(), 0.0, -0.0, 0.1, np.inf, -np.inf, 1e300, 1e-300]))
        for _ in range(2):
            frontier.append((len(left), level + 1))
            for column, value in ((left, -1), (right, -1), (feature, 0), (threshold, 0.0)):
                column.append(value)  # type: ignore[attr-defined]
    n = len(left)
    sets = {
        i: rng.choice([range(8), range(300), range(-2, 60, 7)][rng.integers(3)], rng.integers(0, 9))
        for i in range(n)
        if members and left[i] >= 0 and rng.random() < 0.5
    }
    return Tree(
        np.array(left),
        np.array(right),
        np.array(feature),
        np.array(threshold),
        rng.normal(size=n) * 10.0 ** rng.integers(-6, 6, n) if outputs == 1 else rng.normal(size=(n, outputs)),
        rng.random(n) < 0.5 if missing else None,
        {i: np.unique(s) for i, s in sets.items()} or None,
    )


def rows(rng: np.random.Generator, trees: Sequence[Tree], dtype: type, missing: bool) -> np.ndarray:
    """Random values, values on the thresholds and next to them, small whole numbers, halves, zeros, infinities, NaN."""
    cuts = np.concatenate([tree.threshold for tree in trees]).astype(np.float64)
    with np.errstate(over="ignore"):
        cuts = np.clip(cuts, -3e38, 3e38).astype(dtype)
    pool = np.concatenate([cuts, np.nextafter(cuts, dtype(np.inf)), np.nextafter(cuts, dtype(-np.inf)), rng.normal(size=50)])
    pool = np.concatenate(
        [pool, np.arange(-3, 70), np.arange(0, 9) + 0.5, [0.0, -0.0, np.inf, -np.inf, 299, 2.0**31, -(2.0**40)]]
    )
    pool = np.concatenate([pool, [np.nan] * 20]) if missing else pool
    return rng.choice(pool, size=(300, FEATURES)).astype(dtype)


def symmetric_tree(rng: np.random.Generator, depth: int, outputs: int) -> Tree:
    leaves = 2**depth
    node = np.arange(2 * leaves - 1)
    inner = node < leaves - 1
    level = np.repeat(np.arange(depth + 1), 2 ** np.arange(depth + 1))
    feature = rng.integers(0, FEATURES, depth + 1)[level]
    threshold = rng.choice(np.array([0, -0.0, 0.1, 1, -1e30], np.float32), depth + 1)[level]
    value = rng.normal(size=(len(node), outputs)) * 10.0 ** rng.integers(-6, 6, (len(node), 1))
    return Tree(np.where(inner, 2 * node + 2, -1), np.where(inner, 2 * node + 1, -1), feature, threshold, value)
