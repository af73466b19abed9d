"""From the trees' sections of the text to arrays: which way each value goes at each node.

LightGBM looks at a value in three ways, by node (`Tree::Decision`, include/LightGBM/tree.h):
- as it is: NaN goes to the default side where the node's missing type is NaN; where it is None, NaN counts as 0;
- zero is missing: NaN and everything within 1e-35 of zero go to the default side;
- as a category: cut to a whole number; NaN, negative numbers and those that an int does not hold belong to no category.
A tree's `feature` says both, the feature f of F and the way: f, F + f, or 2F + f.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...graph.trees import Tree
from .text import Section, damaged, floats, integer, integers

# kZeroThreshold of include/LightGBM/meta.h, a float32: numbers this close to zero are zero.
ZERO = float(np.float32(1e-35))

PLAIN, ZERO_IS_MISSING, CATEGORY = range(3)
MISSING_NONE, MISSING_ZERO = 0, 1


@dataclass(frozen=True)
class Linear:
    """The linear models in the L leaves of a tree: constant + coefficient * feature + ..., in this order.

    constant: [L]. count: [L], the number of terms. features, coefficients: the terms of the first leaf, of the second, ...
    """

    constant: np.ndarray
    count: np.ndarray
    features: np.ndarray
    coefficients: np.ndarray

    @staticmethod
    def plain(value: np.ndarray) -> Linear:
        """Leaves without terms. value: [L]."""
        return Linear(value, np.zeros(len(value), np.int64), np.zeros(0, np.int64), np.zeros(0))


def trees(parts: Sequence[Section], n_features: int, *, near_zero: bool) -> tuple[Tree, ...]:
    """The trees, each with its nodes in LightGBM's order: the inner ones, then the leaves with their float64 values.

    near_zero: whether values within ZERO of zero have become 0 before the trees see them. All trees are read at once, as a
    numpy call for each of thousands takes seconds. Raises ArtifactError for what is no tree: the library itself would follow
    such children anywhere.
    """
    leaves = integers(parts, "num_leaves", np.ones(len(parts), np.int64))
    inner, sizes = leaves - 1, 2 * leaves - 1
    below = [integers(parts, key, inner) for key in ("left_child", "right_child")]  # which checks that there are as many
    start, own = np.cumsum(sizes) - sizes, np.arange(sizes.sum())
    is_leaf = own - np.repeat(start, sizes) >= np.repeat(inner, sizes)
    left, right = (_children(child, start, inner, own, is_leaf) for child in below)
    if not np.array_equal(np.sort(np.concatenate([left, right])), np.delete(own, start)):
        raise damaged("children", expected="every node but the root once", got="other ones")
    threshold = floats(parts, "threshold", inner)
    feature, category, nan_left = _decisions(parts, inner, threshold, n_features)
    splits = np.where(category, 0.0, _rounded_to_zero(threshold) if near_zero else threshold)
    first = np.repeat(start, inner)
    arrays = [
        _over_nodes(is_leaf, inner=left - first, leaf=-1),
        _over_nodes(is_leaf, inner=right - first, leaf=-1),
        _over_nodes(is_leaf, inner=feature, leaf=0),
        _over_nodes(is_leaf, inner=splits, leaf=0.0),
        _over_nodes(is_leaf, inner=np.zeros(len(first)), leaf=floats(parts, "leaf_value", leaves)),
        _over_nodes(is_leaf, inner=nan_left, leaf=False),
    ]
    ends = pairwise(np.concatenate([[0], np.cumsum(inner)]))
    members = [_members(part, category[a:b], threshold[a:b]) for part, (a, b) in zip(parts, ends, strict=True)]
    return tuple(map(Tree, *(np.split(array, start[1:]) for array in arrays), members))


def _decisions(
    parts: Sequence[Section], inner: np.ndarray, threshold: np.ndarray, n_features: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Over the inner nodes of all trees: the feature and the way to look at it, whether it is a category, where NaN goes left.

    Source: the bits of `decision_type_` in include/LightGBM/tree.h.
    """
    feature, decision = (integers(parts, key, inner) for key in ("split_feature", "decision_type"))
    if len(feature) and (feature.min() < 0 or feature.max() >= n_features):
        raise damaged("split_feature", expected=f"0 to {n_features - 1}", got=f"{feature.min()} to {feature.max()}")
    category, default_left, missing = (decision & 1) > 0, (decision & 2) > 0, (decision >> 2) & 3
    way = np.where(category, CATEGORY, np.where(missing == MISSING_ZERO, ZERO_IS_MISSING, PLAIN))
    nan_left = np.where(missing == MISSING_NONE, threshold >= 0, default_left) & ~category
    return feature + way * n_features, category, nan_left


def _children(child: np.ndarray, start: np.ndarray, inner: np.ndarray, own: np.ndarray, is_leaf: np.ndarray) -> np.ndarray:
    """Children as positions among the nodes of all trees; LightGBM writes ~leaf for a leaf, and a child after its parent."""
    first, count = np.repeat(start, inner), np.repeat(inner, inner)
    if (((child >= 0) & (child + first <= own[~is_leaf])) | (child >= count) | (~child > count)).any():
        raise damaged("children", expected="every inner node after its parent, in its own tree", got="other ones")
    return first + np.where(child < 0, count + ~child, child)


def _over_nodes(is_leaf: np.ndarray, *, inner: np.ndarray, leaf: np.ndarray | float) -> np.ndarray:
    """One array over all nodes, from one over the inner nodes and one over the leaves."""
    array = np.zeros(len(is_leaf), np.asarray(inner).dtype)
    array[~is_leaf], array[is_leaf] = inner, leaf
    return array


def _members(part: Section, category: np.ndarray, threshold: np.ndarray) -> dict[int, np.ndarray] | None:
    """The categories that go left: the threshold of a categorical node is the number of its set of bits."""
    if not category.any():
        return None
    sets = integer(part, "num_cat")
    bounds = integers([part], "cat_boundaries", np.array([sets + 1]))
    words = integers([part], "cat_threshold", bounds[-1:])
    nodes = np.flatnonzero(category)
    number = threshold[nodes].astype(np.int64)
    if number.min() < 0 or number.max() >= sets or bounds[0] != 0 or (np.diff(bounds) < 0).any():
        raise damaged("categories", expected=f"the sets 0 to {sets - 1}", got=str(number.tolist()))
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    spans = [bits[32 * bounds[n] : 32 * bounds[n + 1]] for n in number]
    return {int(node): np.flatnonzero(span) for node, span in zip(nodes, spans, strict=True)}


def linear(part: Section, n_features: int) -> Linear | None:
    """The models in the leaves; None where the leaves are plain values."""
    if part.get("is_linear", "0").strip() != "1":
        return None
    leaves = np.array([integer(part, "num_leaves")])
    count = integers([part], "num_features", leaves)
    if count.min() < 0:
        raise damaged("num_features", expected="counts", got=str(count.min()))
    total = count.sum(keepdims=True)
    features, coefficients = integers([part], "leaf_features", total), floats([part], "leaf_coeff", total)
    if len(features) and (features.min() < 0 or features.max() >= n_features):
        raise damaged("leaf_features", expected=f"0 to {n_features - 1}", got=f"{features.min()} to {features.max()}")
    return Linear(floats([part], "leaf_const", leaves), count, features, coefficients)


def _rounded_to_zero(threshold: np.ndarray) -> np.ndarray:
    """Thresholds that send a value where they would send it once everything within ZERO of zero has become 0.

    LightGBM does that to the numbers of arrays and frames, not to those of sparse matrices (`RowPairFunctionFromDenseMatrix`).
    """
    near = np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, -np.inf))
    return np.where(np.abs(threshold) <= ZERO, near, threshold)
