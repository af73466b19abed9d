"""What the original answers after moving a row's numbers by at most 8 ulp: how far its own rounding reaches.

Any answer is a tie when the original gives it to a moved row; there only numbers move that the graph rounds before it compares
(see `rounding`): a comparison of plain columns has to agree on every float.

A number is a tie, too, when it lies between the least and the largest that the original gives to the moved rows: where terms
cancel, as in ill-conditioned kernels, no digit within that range is right or wrong. Such a range has to be narrow, half of the
type's digits, so that it holds rounding and never a jump to another leaf; and every label beside it has to be the original's, or
a tie itself.

An ulp is that of the number, or of the column's median where the number is smaller, because sums round by the larger of their
terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .compare import Tolerance, same_rows
from .original import Original
from .rounding import Rounding
from .rows import Rows

MOST_ULPS = 8
# The search moves so many numbers alone, and all together in so many random directions; so many rows are searched in one call.
ALONE = 16
DIRECTIONS = 96
TOGETHER = 16
# Ranges are asked for so many rows at most: where more are wrong, the graph is.
MOST_RANGES = 256
# The widest range that is rounding, as a part of the number or of its column's scale: of float64, and of float32.
HALF_OF_THE_DIGITS = (2.0**-26, 2.0**-12)


@dataclass(frozen=True)
class Moves:
    """original: whom to ask, alone: at batch 1. rounded: which inputs may move."""

    original: Original
    rounded: Rounding
    rng: np.random.Generator
    mode: str
    alone: bool = False

    def backward_ties(self, rows: Rows, got: Mapping[str, np.ndarray], limits: Mapping[str, Tolerance]) -> np.ndarray:
        """[N]: whether the original gives all the graph's answers of a row to one of the moved rows."""
        tied = np.zeros(len(rows), bool)
        for source, answers in self._reached(rows, self.rounded.inputs):
            right = [same_rows(got[n][source], answer, limits[n], self.mode) for n, answer in answers.items()]
            tied[source[np.logical_and.reduce(right)]] = True
        return tied

    def range_ties(
        self,
        rows: Rows,
        got: Mapping[str, np.ndarray],
        expected: Mapping[str, np.ndarray],
        limits: Mapping[str, Tolerance],
        tied: Mapping[str, np.ndarray],
    ) -> np.ndarray:
        """[N]: whether every number of the graph's answers to a row is within the tolerance or the original's own range.

        tied: by output, [N], what is a tie already.
        """
        within = np.zeros(len(rows), bool)
        if len(rows) > MOST_RANGES:
            return within
        for source, answers in self._reached(rows, self.rounded.anywhere):
            for row in np.unique(source):
                moved = {name: answer[source == row] for name, answer in answers.items()}
                within[row] = all(
                    tied[n][row] or _within(moved[n], got[n][[row]], expected[n][[row]], limit, self.mode)
                    for n, limit in limits.items()
                )
        return within

    def _reached(self, rows: Rows, inputs: frozenset[str]) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """The place in `rows` that each moved row comes from, and what the original answers to the moved rows, by output."""
        original, rows = _with_floats(self.original, rows, inputs)
        movable = np.array([i for i, f in enumerate(rows.fields) if f.kind == "float" and f.column.name in inputs], np.int64)
        for start in range(0, len(rows) if len(movable) else 0, TOGETHER):
            chosen = np.arange(start, min(start + TOGETHER, len(rows)))
            copies = [_moved(rows.take(np.array([row])), movable, self.rng, self.mode) for row in chosen]
            source = np.repeat(chosen, [len(c) for c in copies])
            reached = original.one_by_one(Rows.concat(copies)) if self.alone else original.answer(Rows.concat(copies))
            if len(reached.rows):
                yield source[reached.index], reached.outputs


def _within(moved: np.ndarray, got: np.ndarray, expected: np.ndarray, limit: Tolerance, mode: str) -> bool:
    """moved: [M, ...], what the original answers to the moved rows; got, expected: [1, ...]."""
    if limit.discrete or got.shape != expected.shape:
        return bool(same_rows(got, expected, limit, mode).all())
    everything = np.concatenate([moved, expected])
    with np.errstate(all="ignore"):
        low, high = everything.min(axis=0), everything.max(axis=0)
        size = np.maximum(np.abs(expected), limit.scale)
        narrow = high - low <= np.where(limit.single, HALF_OF_THE_DIGITS[1], HALF_OF_THE_DIGITS[0]) * size
        inside = (low <= got) & (got <= high) & narrow
    return bool(same_rows(np.where(inside, expected, got).astype(got.dtype), expected, limit, mode).all())


def _moved(row: Rows, movable: np.ndarray, rng: np.random.Generator, mode: str) -> Rows:
    """Copies of one row: each number alone by 1, 2, 4 and 8 ulp up and down, then all numbers in random directions."""
    alone = rng.permutation(movable)[:ALONE]
    single = [np.where(movable == f, sign * size, 0) for f in alone for size in (1, 2, 4, MOST_ULPS) for sign in (1, -1)]
    together = rng.integers(-MOST_ULPS, MOST_ULPS + 1, size=(DIRECTIONS, len(movable)))
    together[::2] = np.sign(together[::2]) * MOST_ULPS
    counts = np.concatenate([np.array(single), together])
    copies = row.take(np.zeros(len(counts), np.int64))
    values = list(copies.values)
    for place, f in enumerate(movable):
        moved = values[f].astype(np.float64) + counts[:, place] * copies.ulp(f, single=mode == "fast")
        values[f] = moved.astype(values[f].dtype)
    return replace(copies, values=tuple(values))


def _with_floats(original: Original, rows: Rows, inputs: frozenset[str]) -> tuple[Original, Rows]:
    """The same with float64 in place of integers that the graph rounds, so that they can move too; the original sees no
    difference, for it makes floats of them itself before it adds them up."""
    places = [i for i, f in enumerate(rows.fields) if f.kind == "integer" and f.column.name in inputs]
    places = [i for i in places if rows.values[i].dtype.kind in "iu"]
    sample = original.sample
    if not places or not hasattr(sample, "astype"):
        return original, rows
    names = {rows.fields[i].name for i in places}
    floats = sample.astype(np.float64 if rows.matrix else {name: np.float64 for name in sample.columns if str(name) in names})
    fields = tuple(replace(f, kind="float") if i in places else f for i, f in enumerate(rows.fields))
    values = tuple(v.astype(np.float64) if i in places else v for i, v in enumerate(rows.values))
    return Original(original.model, floats, original.methods), replace(rows, fields=fields, values=values)
