"""From the trees of the JSON to arrays: every split asks whether a column is above a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArtifactError
from ...graph.trees import Tree, leaf_table

Json = Mapping[str, Any]
Borders = Sequence[float]


@dataclass(frozen=True)
class Splits:
    """The splits of all trees, by CatBoost's own number of each: first the numbers' borders, then one-hot values, then CTRs'.

    column: int64 [S]. threshold: float32 [S], of the value that a row must be above. meaning: [S], the feature, None for CTRs,
    and the border or the hash that a split asks for.
    """

    column: np.ndarray
    threshold: np.ndarray
    meaning: tuple[tuple[int | None, float], ...]

    @staticmethod
    def of(numbers: Mapping[int, Borders], one_hots: Sequence[tuple[int, int]], ctrs: Sequence[Borders]) -> Splits:
        """numbers: the borders of each feature that is a number. one_hots: features and hashes. ctrs: the borders of each."""
        borders = [*numbers.values(), *[[0.5]] * len(one_hots), *ctrs]
        meaning: list[tuple[int | None, float]] = [(feature, border) for feature, own in numbers.items() for border in own]
        meaning += [*one_hots, *((None, border) for own in ctrs for border in own)]
        return Splits(
            np.repeat(np.arange(len(borders)), np.array([len(own) for own in borders], np.int64)),
            np.array([border for own in borders for border in own], np.float32),
            tuple(meaning),
        )

    def number(self, split: Json) -> int:
        """The number of a split of the JSON, which must mean what is known by that number."""
        number = int(split["split_index"])
        feature = split.get("float_feature_index", split.get("cat_feature_index"))
        if not 0 <= number < len(self.meaning) or (feature, split.get("border", split.get("value"))) != self.meaning[number]:
            raise ArtifactError("a split of CatBoost", expected="one of the borders of the features", got=str(dict(split)))
        return number


def read_trees(document: Json, splits: Splits, leaf_values: np.ndarray) -> tuple[Tree, ...]:
    """All trees, each leaf with a vector of values, [n, K]. leaf_values: [leaves * K], by CatBoost's own numbers of the leaves.

    A node of CatBoost's with a leaf on its right side only holds that leaf itself, which counts before those on its left. A model
    that was loaded from JSON has nodes for all leaves, and counts from left to right.
    """
    symmetric = document.get("oblivious_trees")
    if symmetric is not None:
        return tuple(_symmetric(tree, splits) for tree in symmetric)
    for right_first in (True, False):
        trees = tuple(_binary(tree, splits, right_first) for tree in document.get("trees") or [])
        if trees and np.array_equal(leaf_table(trees).ravel(), leaf_values, equal_nan=True):
            break
    return trees


def _symmetric(data: Json, splits: Splits) -> Tree:
    """A tree that asks the same on each level. The first split is the lowest bit of the leaf's number: the last one is the root.

    The nodes stand level by level, so that the leaves come in the order of their numbers.
    """
    numbers = np.array([splits.number(s) for s in reversed(data["splits"] or [])], np.int64)
    depth, leaves = len(numbers), 2 ** len(numbers)
    node = np.arange(2 * leaves - 1)
    inner = node < leaves - 1
    level = np.repeat(np.arange(depth + 1), 2 ** np.arange(depth + 1))
    asked = numbers[np.where(inner, level, 0)] if depth else np.zeros(1, np.int64)
    values = np.array(data["leaf_values"], np.float64).reshape(leaves, -1)
    return _tree(
        splits,
        inner,
        above=np.where(inner, 2 * node + 2, -1),
        below=np.where(inner, 2 * node + 1, -1),
        asked=asked,
        value=np.concatenate([np.zeros((leaves - 1, values.shape[1])), values]),
    )


def _binary(data: Json, splits: Splits, right_first: bool) -> Tree:
    """A tree of any shape: a node, all on its left, all on its right. right_first: see `read_trees`."""
    nodes: list[Json] = []
    below: list[int] = []
    above: list[int] = []
    open_nodes: list[tuple[Json, list[int], int]] = [(data, [], -1)]
    while open_nodes:
        node, side, parent = open_nodes.pop()
        place = len(nodes)
        if parent >= 0:
            side[parent] = place
        nodes.append(node)
        below.append(-1)
        above.append(-1)
        if "split" in node:
            children = [(node["right"], above, place), (node["left"], below, place)]
            held = right_first and "split" in node["left"] and "split" not in node["right"]
            open_nodes += reversed(children) if held else children
    inner = np.array([above[i] >= 0 for i in range(len(nodes))])
    width = max(np.size(node["value"]) for node in nodes if "value" in node)
    return _tree(
        splits,
        inner,
        above=np.array(above, np.int64),
        below=np.array(below, np.int64),
        asked=np.array([splits.number(node["split"]) if "split" in node else 0 for node in nodes], np.int64),
        value=np.array([np.zeros(width) if "split" in node else np.ravel(node["value"]) for node in nodes], np.float64),
    )


def _tree(
    splits: Splits, inner: np.ndarray, *, above: np.ndarray, below: np.ndarray, asked: np.ndarray, value: np.ndarray
) -> Tree:
    return Tree(
        left=above,
        right=below,
        feature=np.where(inner, splits.column[asked], 0),
        threshold=np.where(inner, splits.threshold[asked], np.float32(0)),
        value=value,
    )
