"""Trees on the columns that theirs were made of: what stands between the two goes into the thresholds.

f(x) <= t holds for a function that never falls exactly where x <= s, s the largest number with f(s) <= t. It is found by
bisection over all floats, so that scaling, imputing and rounding to float32 cost no node, and no bit. Where a row of a table
is chosen (a one-hot encoding), a threshold becomes a comparison with the one index that it tells from all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from spox import Var

from .block import Block, Part, SparsePart
from .origins import Chosen, Function, Rising
from .refuse import gather_or_refuse
from .target import current
from .tree_nodes import Tree
from .values import cast, concat, dtype_of, width_of

ALWAYS = np.inf
# The rows that a table of choices may have where some of its indices are refused.
_MOST_CHOICES = 1024


@dataclass(frozen=True)
class _Column:
    """One column of the block: column `at` of `source`, and what of it the trees compare."""

    source: Var
    at: int
    function: Function | None
    choices: np.ndarray | None = None
    refusal: str | None = None


def on_sources(block: Block, trees: Sequence[Tree], dtype: npt.DTypeLike) -> tuple[Var, list[Tree]]:
    """A matrix and trees (rule "<=") that put every row where these put `block.matrix(dtype)`, in fewer nodes where that can be.

    The matrix is float64 [N, G], in fast mode too: the columns come so, and keep every row's leaf. Or it is the block's own.
    """
    columns = _columns(block)
    folded = None if columns is None else _folded(trees, columns, np.dtype(dtype))
    if columns is None or folded is None:
        return block.matrix(dtype), list(trees)
    matrix, start = _matrix(columns)
    place = np.array([start[id(c.source)] + c.at for c in columns])
    return matrix, [replace(t, feature=np.where(t.left < 0, 0, place[np.maximum(t.feature, 0)])) for t in folded]


def _matrix(columns: Sequence[_Column]) -> tuple[Var, dict[int, int]]:
    """The sources side by side in float64, those of one kind cast together, and where each of them starts."""
    wide = np.dtype(np.float64)
    groups: dict[tuple[np.dtype[np.generic], str | None], dict[int, Var]] = {}
    for column in columns:
        groups.setdefault((dtype_of(column.source), column.refusal), {})[id(column.source)] = column.source
    parts: list[Var] = []
    for (dtype, refusal), sources in groups.items():
        together = list(sources.values())
        if refusal:
            parts.append(gather_or_refuse(np.arange(_MOST_CHOICES, dtype=wide), concat(together), refusal))
        else:
            parts += together if dtype == wide else [cast(concat(together), wide)]
    ids = [key for sources in groups.values() for key in sources]
    widths = [width_of(source) or 1 for sources in groups.values() for source in sources.values()]
    return concat(parts), dict(zip(ids, np.cumsum([0, *widths]).tolist(), strict=False))


def _columns(block: Block) -> list[_Column] | None:
    """The block's columns; None where the sources would be no better, or are not known."""
    if current().ml_opset < 5 or block.is_string or block.dtype.kind != "f":
        return None
    if block.dtype == np.float32 and not any(part.origin for part in block.parts):
        return None
    found: list[_Column] = []
    for part in block.parts:
        columns = _chosen(part.origin) if isinstance(part.origin, Chosen) else _rising(part)
        if columns is None:
            return None
        found += columns
    return found


def _chosen(origin: Chosen) -> list[_Column] | None:
    if any(len(table) > _MOST_CHOICES for table in origin.tables):
        return None
    return [
        _Column(origin.index, at, None, column, origin.refusal) for at, table in enumerate(origin.tables) for column in table.T
    ]


def _rising(part: Part | SparsePart) -> list[_Column] | None:
    origin = part.origin if isinstance(part.origin, Rising) else Rising.of(part.var, part.width)
    if any(width_of(source) is None for source, _ in origin.sources):
        return None
    return [_Column(source, at, f) for (source, at), f in zip(origin.sources, origin.functions, strict=True)]


def _folded(trees: Sequence[Tree], columns: Sequence[_Column], dtype: np.dtype[np.generic]) -> list[Tree] | None:
    """The trees with thresholds for the sources; None where one of them has no counterpart there."""
    if any(tree.members for tree in trees):
        return None
    sizes = [len(t.left) for t in trees]
    inner = np.concatenate([t.left >= 0 for t in trees])
    feature = np.where(inner, np.concatenate([t.feature for t in trees]), -1)
    threshold = np.concatenate([np.asarray(t.threshold, np.float64) for t in trees])
    missing = np.concatenate([np.zeros(len(t.left), bool) if t.missing_left is None else t.missing_left for t in trees])
    differs = np.zeros(len(feature), bool)
    for k in np.unique(feature[inner]):
        nodes, column = feature == k, columns[k]
        if column.choices is not None:
            found = _index_thresholds(column.choices, threshold[nodes])
            if found is None:
                return None
            threshold[nodes], differs[nodes] = found
            continue
        assert column.function is not None
        function = _rounded(column.function, dtype)
        of_missing = function(np.array([np.nan]))[0]
        if not np.isnan(of_missing):
            missing[nodes] = of_missing <= threshold[nodes]
        threshold[nodes] = largest_at_most(function, threshold[nodes])
    ends = np.cumsum(sizes)[:-1]
    parts = zip(trees, *(np.split(a, ends) for a in (threshold, missing, differs)), strict=True)
    return [replace(t, threshold=s, missing_left=m if missing.any() else None, differs=d) for t, s, m, d in parts]


def _index_thresholds(choices: np.ndarray, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """For each threshold the number that an index must differ from (or not exceed) to go left, and which of the two it is."""
    left = choices[None, :] <= thresholds[:, None]
    wrong = (~left).sum(axis=1)
    if (wrong > 1).any():
        return None
    return np.where(wrong == 1, np.argmin(left, axis=1), ALWAYS), wrong == 1


def _rounded(function: Function, dtype: np.dtype[np.generic]) -> Function:
    def rounded(x: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            return function(x).astype(dtype).astype(np.float64)

    return rounded


def largest_at_most(function: Function, thresholds: np.ndarray) -> np.ndarray:
    """For each t the largest float64 s with function(s) <= t; -inf where there is none. function: never falling."""
    low, high = np.full(len(thresholds), _ordinal(-np.inf)), np.full(len(thresholds), _ordinal(np.inf))
    high = np.where(function(np.full(len(thresholds), np.inf)) <= thresholds, high + 1, high)
    while (high > low + 1).any():  # function(low) <= t < function(high)
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        fits = function(_float(middle)) <= thresholds
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return _float(low)


def _ordinal(x: float) -> np.int64:
    """The place of a float64 among all of them: neighbours differ by 1."""
    bits = np.float64(x).view(np.int64)
    return np.int64(bits if bits >= 0 else np.iinfo(np.int64).min - bits)


def _float(ordinal: np.ndarray) -> np.ndarray:
    bits = np.where(ordinal >= 0, ordinal, np.iinfo(np.int64).min - ordinal)
    return bits.astype(np.int64).view(np.float64)
