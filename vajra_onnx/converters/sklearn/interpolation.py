"""Piecewise linear functions, one per column: numpy.interp, to the last bit. A tree finds the segment in log2(points) steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.trees import Tree, leaf_index, leaf_table
from ...graph.values import constant_like

Line = tuple[np.ndarray, np.ndarray]


def interp(x: Var, lines: Sequence[Line]) -> Var:
    """numpy.interp of every column on its own line (xs ascending, ys). x: [N, F] -> [N, F]; NaN stays NaN.

    A segment begins at the last point <= x; outside of the points the line is level.
    """
    return _on_lines(x, [_tree(column, *line, extended=False) for column, line in enumerate(lines)], "<")


def interp1d(x: Var, lines: Sequence[Line]) -> Var:
    """scipy.interpolate.interp1d for float32: a segment ends at the first point >= x, the outer ones go on for ever."""
    return _on_lines(x, [_tree(column, *line, extended=True) for column, line in enumerate(lines)], "<=")


def _on_lines(x: Var, trees: list[Tree], rule: str) -> Var:
    table = leaf_table(trees)
    index = leaf_index(x, trees, rule=rule)
    start, level, slope = (ops.gather(constant_like(x, values), index, axis=0) for values in table.T)
    return ops.add(ops.mul(slope, ops.sub(x, start)), level)


def _tree(column: int, xs: np.ndarray, ys: np.ndarray, *, extended: bool) -> Tree:
    """A balanced tree over the points; its leaves are the segments, left to right, each with start, level and slope."""
    last = np.append(xs[1:] > xs[:-1], True)  # of equal points, numpy.interp begins at the last, and never ends there
    begins = np.flatnonzero(last)
    ends = np.minimum(begins + 1, len(xs) - 1)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        slopes = (ys[ends] - ys[begins]) / (xs[ends] - xs[begins])
    slopes[-1] = 0.0
    if not np.isfinite(slopes).all():
        raise UnsupportedError("points so close that the slope between them overflows")
    leaves = np.stack([xs[begins], ys[begins], slopes], axis=1)
    thresholds = xs[begins]
    if extended:
        leaves, thresholds = leaves[:-1], thresholds[1:-1]
    else:
        leaves = np.concatenate([[[xs[0], ys[0], 0.0]], leaves])
    return _balanced(column, thresholds, leaves)


def _balanced(column: int, thresholds: np.ndarray, leaves: np.ndarray) -> Tree:
    """Inner nodes first, halving the range of thresholds; then the leaves, in their order."""
    n = len(thresholds)
    left, right = np.full(2 * n + 1, -1), np.full(2 * n + 1, -1)
    threshold = np.zeros(2 * n + 1, thresholds.dtype)
    ranges = [(0, n)] if n else []
    for node, (low, high) in enumerate(ranges):  # grows while it is read
        middle = (low + high) // 2
        threshold[node] = thresholds[middle]
        for child, (a, b) in ((left, (low, middle)), (right, (middle + 1, high))):
            child[node] = len(ranges) if a < b else n + a
            if a < b:
                ranges.append((a, b))
    value = np.zeros((2 * n + 1, leaves.shape[1]), leaves.dtype)
    value[n:] = leaves
    return Tree(left, right, np.full(2 * n + 1, column), threshold, value)
