"""From a tree's section of the text to arrays: which way each value goes at each node.

LightGBM looks at a value in three ways, by node (`Tree::Decision`, include/LightGBM/tree.h):
- as it is: NaN goes to the default side where the node's missing type is NaN; where it is None, NaN counts as 0;
- zero is missing: NaN and everything within 1e-35 of zero go to the default side;
- as a category: cut to a whole number; NaN, negative numbers and those that an int does not hold belong to no category.
A tree's `feature` says both, the feature f of F and the way: f, F + f, or 2F + f.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ArtifactError
from ...graph.trees import Tree
from .text import Section, floats, integer, integers

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


def tree(section: Section, n_features: int) -> Tree:
    """The tree, its nodes in the order of LightGBM's: the inner ones, then the leaves, each with its float64 value.

    Raises ArtifactError for what is no tree: the library itself would follow such children anywhere.
    """
    leaves = integer(section, "num_leaves")
    value = floats(section, "leaf_value", leaves)
    inner = leaves - 1
    if not inner:
        return Tree.leaf(value)
    left, right = (integers(section, key, inner) for key in ("left_child", "right_child"))
    feature, threshold = integers(section, "split_feature", inner), floats(section, "threshold", inner)
    decision = integers(section, "decision_type", inner)
    _check(left, right, feature, n_features)
    category, default_left, missing = (decision & 1) > 0, (decision & 2) > 0, (decision >> 2) & 3
    way = np.where(category, CATEGORY, np.where(missing == MISSING_ZERO, ZERO_IS_MISSING, PLAIN))
    nan_left = np.where(missing == MISSING_NONE, threshold >= 0, default_left) & ~category
    rest = np.zeros(leaves)
    return Tree(
        left=_children(left, leaves),
        right=_children(right, leaves),
        feature=np.concatenate([feature + way * n_features, rest.astype(np.int64)]),
        threshold=np.concatenate([np.where(category, 0, threshold), rest]),
        value=np.concatenate([np.zeros(inner), value]),
        missing_left=np.concatenate([nan_left, rest > 0]),
        members=_members(section, np.flatnonzero(category), threshold) if category.any() else None,
    )


def _check(left: np.ndarray, right: np.ndarray, feature: np.ndarray, n_features: int) -> None:
    inner = len(left)
    everybody = np.delete(np.arange(-inner - 1, inner), inner + 1)  # all leaves, and all inner nodes but the root
    place = np.arange(inner)
    later = all(((child > place) | (child < 0)).all() for child in (left, right))
    if not later or not np.array_equal(np.sort(np.concatenate([left, right])), everybody):
        raise ArtifactError("a tree of LightGBM", expected="every node but the root the child of one before it")
    if feature.min() < 0 or feature.max() >= n_features:
        raise ArtifactError("a tree of LightGBM", expected=f"features 0 to {n_features - 1}", got=str(feature.max()))


def _children(child: np.ndarray, leaves: int) -> np.ndarray:
    """Positions among all nodes; LightGBM writes ~leaf for a leaf."""
    return np.concatenate([np.where(child < 0, leaves - 1 + ~child, child), np.full(leaves, -1, np.int64)])


def _members(section: Section, nodes: np.ndarray, threshold: np.ndarray) -> dict[int, np.ndarray]:
    """The categories that go left: the threshold of a categorical node is the number of its set of bits."""
    sets = integer(section, "num_cat")
    bounds = integers(section, "cat_boundaries", sets + 1)
    words = integers(section, "cat_threshold", int(bounds[-1]))
    number = threshold[nodes].astype(np.int64)
    if number.min() < 0 or number.max() >= sets or bounds.min() < 0 or (np.diff(bounds) < 0).any():
        raise ArtifactError("a tree of LightGBM", expected=f"sets of categories 0 to {sets - 1}", got=str(number.tolist()))
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    spans = [bits[32 * bounds[n] : 32 * bounds[n + 1]] for n in number]
    return {int(node): np.flatnonzero(span) for node, span in zip(nodes, spans, strict=True)}


def linear(section: Section, n_features: int) -> Linear | None:
    """The models in the leaves; None where the leaves are plain values."""
    if section.get("is_linear", "0").strip() != "1":
        return None
    leaves = integer(section, "num_leaves")
    count = integers(section, "num_features", leaves)
    features = integers(section, "leaf_features", int(count.sum()))
    coefficients = floats(section, "leaf_coeff", int(count.sum()))
    if len(features) and (features.min() < 0 or features.max() >= n_features):
        raise ArtifactError("a linear tree of LightGBM", expected=f"features 0 to {n_features - 1}", got=str(features.max()))
    return Linear(floats(section, "leaf_const", leaves), count, features, coefficients)


def rounded_to_zero(threshold: np.ndarray) -> np.ndarray:
    """Thresholds that send a value where they would send it once everything within ZERO of zero has become 0.

    LightGBM does that to the numbers of arrays and frames, not to those of sparse matrices (`RowPairFunctionFromDenseMatric`).
    """
    near = np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, -np.inf))
    return np.where(np.abs(threshold) <= ZERO, near, threshold)
