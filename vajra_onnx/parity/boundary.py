"""Decision boundaries, found by bisection through the original alone: where two neighbouring inputs get different answers.

Two rows that are answered differently are joined by a path that changes one field at a time, so that somewhere on it one field
alone makes the difference. Between its two values the distance is cut, always keeping the part in which the answer changes
most, until the two ends are neighbouring floats, integers or instants. On a staircase (trees, labels, bins) that ends at a
step; on a smooth function the jump shrinks with the distance, and the pair is given up. All pairs are cut together, into eight
parts at a time: some 22 calls of the original find them all, where halving needs 66. Halving asks of less than half as many rows,
though, so that pairs are halved where rows take the original long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .ordinals import is_ordered, ordinals, values_at
from .original import Answers, Original
from .rows import Rows

PARTS = 8
# A row that takes the original so many seconds is slow, as by an ensemble of thousands of trees. Then pairs are halved, and only
# as many, but not fewer than the fewest, as are cut to the end in about the aim of seconds.
SLOW, AIM, FEWEST = 2e-4, 3.0, 8
# 2**66 is more than there are floats. After 24 halvings a smooth function has lost 2**-24 of its jump, and a staircase of 10,000
# even steps 2**-14.
HALVINGS, SMOOTH_AFTER, SMOOTH_JUMP = 66, 24, 2.0**-14
# Guards stand so many ulp outside of a boundary, each pair at one of these distances in turn. The two ends themselves are so
# close that rounding may excuse either answer on them, wherever the graph's own boundary lies; on a guard it may not.
GUARDS = tuple(2**n for n in (4, 6, 8, 12, 16, 20, 24))
NARROW_GUARD = 2**10  # the farthest in float32


@dataclass(frozen=True)
class Pairs:
    """low, high: [P] rows that differ in one field each. field: [P] its index. a, b: [P] int64, that field's values as
    ordinals, a <= b. first, last: [P, K] the answers. jump: [P] how far apart those were at the beginning."""

    low: Rows
    high: Rows
    field: np.ndarray
    a: np.ndarray
    b: np.ndarray
    first: np.ndarray
    last: np.ndarray
    jump: np.ndarray

    def __len__(self) -> int:
        return len(self.field)

    def take(self, index: np.ndarray) -> Pairs:
        """These pairs."""
        rest = {name: getattr(self, name)[index] for name in ("field", "a", "b", "first", "last", "jump")}
        return Pairs(self.low.take(index), self.high.take(index), **rest)


def boundaries(
    original: Original,
    rows: Rows,
    answers: np.ndarray,
    output: str,
    rng: np.random.Generator,
    pairs: int,
    slowness: float,
    deadline: float,
) -> Rows:
    """Both ends of each boundary found for one output, and a guard outside of each, of kind "boundary".

    rows: rows that the original accepts. answers: its own on them. pairs: at most so many boundaries. slowness: the seconds that
    it takes for a row. deadline: in `original.seconds`; what is not found by then is left out.
    """
    if len(rows) < 2:
        return rows.take(np.arange(0))
    parts, answers = PARTS, _flat(answers)
    if slowness > SLOW:
        parts, pairs = 2, min(pairs, max(FEWEST, int(AIM / (2 * HALVINGS * slowness))))
    searches = [
        _columns(original, rows, answers, output, rng, pairs),
        _paths(original, rows, answers, output, rng, pairs, parts),
    ]
    low, high = Rows.concat([s[0] for s in searches]), Rows.concat([s[1] for s in searches])
    first, last, field = (np.concatenate([s[i] for s in searches]) for i in (2, 3, 4))
    ordered = is_ordered(low, high, field)
    ends = _cut(original, _pairs(low, high, first, last, field, np.flatnonzero(ordered)), output, parts, deadline)
    text = [side.take(~ordered).marked("boundary", output, field[~ordered]) for side in (low, high)]
    sides = [side.marked("boundary", output, ends.field) for side in (ends.low, ends.high)]
    return Rows.concat([*text, *sides, *_guards(ends, output)])


def _guards(ends: Pairs, output: str) -> list[Rows]:
    """Rows at a distance from each boundary between floats, on both sides."""
    ends = ends.take(np.array([ends.low.fields[f].kind == "float" for f in ends.field], bool))
    guards = []
    for side, way in ((ends.low, -1), (ends.high, 1)):
        moved = [side.values[f][i] + way * _away(side, f, i) for i, f in enumerate(ends.field)]
        guards.append(side.assign(ends.field, moved).marked("boundary", f"{output}, outside", ends.field))
    return guards


def _away(rows: Rows, field: int, row: int) -> float:
    """How far outside the guard of this row stands."""
    count = GUARDS[row % len(GUARDS)]
    narrow = rows.values[field].dtype.itemsize < 8
    return float(rows.take(np.array([row])).ulp(field)[0]) * (min(count, NARROW_GUARD) if narrow else count)


Candidates = tuple[Rows, Rows, np.ndarray, np.ndarray, np.ndarray]


def _columns(
    original: Original, rows: Rows, answers: np.ndarray, output: str, rng: np.random.Generator, pairs: int
) -> Candidates:
    """Rows with one number moved to that of another row, its extremes included; an equal share for every column."""
    numbers = [i for i, f in enumerate(rows.fields) if f.is_number]
    rng.shuffle(numbers)
    each = max(2, -(-2 * pairs // max(1, len(numbers))))
    field = np.repeat(np.array(numbers[: 2 * pairs], np.int64), each)
    base = rng.integers(len(rows), size=len(field))
    other = rng.integers(len(rows), size=len(field))
    for f in set(numbers):
        here = np.flatnonzero(field == f)
        if len(here) > 1:
            order = np.argsort(rows.values[f]) if rows.values[f].dtype != object else np.arange(len(rows))
            other[here[0]], other[here[1]] = order[0], order[-1]
    low = rows.take(base)
    high = low.assign(field, [rows.values[f][o] for f, o in zip(field, other, strict=True)]).marked("boundary", changed=field)
    reached = original.answer(high, [output])
    low, high, first, field = low.take(reached.index), reached.rows, answers[base[reached.index]], field[reached.index]
    last = _flat(reached.outputs[output]) if len(high) else first
    kept = _spread(distance(first, last) > 0, field, pairs)
    return low.take(kept), high.take(kept), first[kept], last[kept], field[kept]


def _paths(
    original: Original, rows: Rows, answers: np.ndarray, output: str, rng: np.random.Generator, pairs: int, parts: int
) -> Candidates:
    """Neighbours on paths between rows with different answers: the columns between are cut into parts, and the one in which the
    answer changes most is kept, until it is one column."""
    start, end = rng.integers(len(rows), size=(2, 4 * pairs))
    chosen = np.flatnonzero(distance(answers[start], answers[end]) > 0)[:pairs]
    width = len(rows.fields)
    rank = np.argsort(rng.random((len(chosen), width)), axis=1)
    path = _Paths(start[chosen], end[chosen], rank, np.zeros(len(chosen), np.int64), np.full(len(chosen), width),
                  answers[start[chosen]], answers[end[chosen]])  # fmt: skip
    while len(path.start) and (path.high - path.low).max() > 1:
        path = _shortened(original, rows, path, output, parts)
    low, high = (_on_path(rows, path.start, path.end, path.rank, at) for at in (path.low, path.high))
    field = np.argmax(path.rank == path.low[:, None], axis=1) if len(path.start) else np.empty(0, np.int64)
    return low.marked("boundary", changed=field), high.marked("boundary", changed=field), path.first, path.last, field


class _Paths(NamedTuple):
    """start, end: [P] places of rows. rank: [P, fields] the order in which a path changes them. low, high: [P] how many are
    changed at the two ends of the part that is kept. first, last: [P, K] the answers there."""

    start: np.ndarray
    end: np.ndarray
    rank: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def take(self, kept: np.ndarray) -> _Paths:
        return _Paths(*(x[kept] for x in self))


def _shortened(original: Original, rows: Rows, path: _Paths, output: str, parts: int) -> _Paths:
    """The part of each path in which the answer changes most; paths on which the original refuses a row are given up."""
    count, inner = len(path.start), np.tile(np.arange(len(path.start)), parts - 1)
    at = path.low + (path.high - path.low) * np.arange(parts + 1)[:, None] // parts
    middles = path.take(inner)
    reached = original.answer(_on_path(rows, middles.start, middles.end, middles.rank, at[1:-1].ravel()), [output])
    first, last, best = _steepest(path.first, path.last, inner, reached, output)
    every = np.arange(count)
    shorter = path._replace(low=at[best, every], high=at[best + 1, every], first=first, last=last)
    answered = np.bincount(inner[reached.index], minlength=count) == parts - 1
    return shorter.take(answered & (shorter.low < shorter.high))


def _steepest(
    first: np.ndarray, last: np.ndarray, inner: np.ndarray, reached: Answers, output: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the parts between two ends, the one in which the answer changes most: the answers at its ends, and its number.

    first, last: [P, K]. inner: [(parts - 1) * P], which pair each row between the ends belongs to; `reached`: their answers.
    """
    count = len(first)
    parts = len(inner) // count + 1
    answers = np.empty((parts + 1, *first.shape), first.dtype)
    answers[:-1], answers[-1] = first, last
    if len(reached.index):
        answers[1:-1].reshape(len(inner), -1)[reached.index] = _flat(reached.outputs[output])
    best = np.stack([distance(answers[k], answers[k + 1]) for k in range(parts)]).argmax(axis=0)
    every = np.arange(count)
    return answers[best, every], answers[best + 1, every], best


def _on_path(rows: Rows, start: np.ndarray, end: np.ndarray, rank: np.ndarray, at: np.ndarray) -> Rows:
    """Row p of path p: the fields whose rank is below `at` come from its end, the others from its start."""
    values = tuple(np.where(rank[:, f] < at, v[end], v[start]) for f, v in enumerate(rows.values))
    return replace(rows.take(start), values=values)


def _pairs(low: Rows, high: Rows, first: np.ndarray, last: np.ndarray, field: np.ndarray, kept: np.ndarray) -> Pairs:
    """These pairs, the smaller value as `low`."""
    low, high, first, last, field = low.take(kept), high.take(kept), first[kept], last[kept], field[kept]
    a, b = ordinals(low, field), ordinals(high, field)
    up = a <= b
    answers = np.where(up[:, None], first, last), np.where(up[:, None], last, first)
    sides = _choose(up, low, high), _choose(up, high, low)
    return Pairs(*sides, field, np.minimum(a, b), np.maximum(a, b), *answers, distance(first, last))


def _cut(original: Original, pairs: Pairs, output: str, parts: int, deadline: float) -> Pairs:
    """Cut every pair until its ends are neighbours; only those come back. parts: a power of two."""
    step = parts.bit_length() - 1
    for halvings in range(0, HALVINGS, step):
        apart = _gap(pairs) > 1
        if halvings == SMOOTH_AFTER:
            kept = ~apart | (distance(pairs.first, pairs.last) > SMOOTH_JUMP * pairs.jump)
            pairs, apart = pairs.take(kept), apart[kept]
        if not apart.any() or original.seconds > deadline:
            break
        cut = _cut_once(original, pairs.take(apart), output, parts)
        pairs = _join(pairs.take(~apart), cut)
    return pairs.take((_gap(pairs) <= 1) & (distance(pairs.first, pairs.last) > SMOOTH_JUMP * pairs.jump))


def _cut_once(original: Original, pairs: Pairs, output: str, parts: int) -> Pairs:
    """The part of each pair in which the answer changes most; pairs inside which the original refuses a row are given up."""
    at = np.stack([pairs.a, *(_between(pairs, k, parts) for k in range(1, parts)), pairs.b])
    count = len(pairs)
    inner = np.tile(np.arange(count), parts - 1)
    middles = pairs.low.take(inner)
    middles = middles.assign(pairs.field[inner], values_at(middles, pairs.field[inner], at[1:-1].ravel()))
    reached = original.answer(middles, [output])
    first, last, best = _steepest(pairs.first, pairs.last, inner, reached, output)
    every = np.arange(count)
    lows = pairs.low.assign(pairs.field, values_at(pairs.low, pairs.field, at[best, every]))
    highs = pairs.high.assign(pairs.field, values_at(pairs.low, pairs.field, at[best + 1, every]))
    cut = Pairs(lows, highs, pairs.field, at[best, every], at[best + 1, every], first, last, pairs.jump)
    return cut.take(np.bincount(inner[reached.index], minlength=count) == parts - 1)


def _between(pairs: Pairs, part: int, parts: int) -> np.ndarray:
    """[P] int64: the ordinals at part / parts of the way, without overflow."""
    gap = _gap(pairs)
    way = gap // np.uint64(parts) * np.uint64(part) + gap % np.uint64(parts) * np.uint64(part) // np.uint64(parts)
    return np.asarray((pairs.a.view(np.uint64) + way).view(np.int64))


def _gap(pairs: Pairs) -> np.ndarray:
    """[P] uint64: how many values of the field's type apart the ends are."""
    return np.asarray(pairs.b.view(np.uint64) - pairs.a.view(np.uint64))


def _join(a: Pairs, b: Pairs) -> Pairs:
    rest = {n: np.concatenate([getattr(a, n), getattr(b, n)]) for n in ("field", "a", "b", "first", "last", "jump")}
    return Pairs(Rows.concat([a.low, b.low]), Rows.concat([a.high, b.high]), **rest)


def _choose(left: np.ndarray, yes: Rows, no: Rows) -> Rows:
    values = tuple(np.where(left, a, b) for a, b in zip(yes.values, no.values, strict=True))
    return replace(yes, values=values)


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: how far apart answers are. Labels: in how many places they differ. Numbers: the sum of differences; a NaN or an
    infinity on one side alone counts as the largest number."""
    if a.dtype.kind != "f":
        return np.asarray((a != b).sum(axis=1, dtype=np.float64))
    with np.errstate(all="ignore"):
        gaps = np.abs(a.astype(np.float64) - b)
    gaps = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, gaps)
    return np.asarray(np.nan_to_num(gaps, nan=1e300, posinf=1e300).sum(axis=1))


def _flat(answers: np.ndarray) -> np.ndarray:
    return answers.reshape(len(answers), -1)


def _spread(wanted: np.ndarray, field: np.ndarray, count: int) -> np.ndarray:
    """The places of at most `count` wanted rows, fields in turn."""
    places = np.flatnonzero(wanted)
    turn = np.zeros(len(places), np.int64)
    for f in np.unique(field[places]):
        here = field[places] == f
        turn[here] = np.arange(here.sum())
    return np.sort(places[np.argsort(turn, kind="stable")][:count])
