"""A network's original and its graph side by side: who answers which rows, and how far apart their answers are.

A network computes in float32 and in an order of additions that is its backend's own, so that no bit is promised: a number may be
off by 1e-5 of the largest number in its row, or on the sample, whichever is larger. Integers and text are equal or they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .answers import Runs
from .compare import NONE, Comparison, Tolerance, compare, incomparable
from .tensors import Batch, fitted, stacked

Answers = dict[str, np.ndarray]
Answer = Callable[[Mapping[str, np.ndarray]], Answers]

BATCHES = (1, 3, 7)
# Numbers in the input at a time: what a network makes of an image on its way may be a hundred times as large.
AT_ONCE = 2**18


@dataclass(frozen=True)
class Pair:
    """The original, the graph, and how close they have to be (relative). moving: an answer is as wide as the batch needs it, so
    that the answers to other batches may have another width. precise: makes what answers as the original in float64, or None."""

    original: Answer
    session: Runs
    rtol: float
    moving: bool = False
    precise: Callable[[], Answer | None] = lambda: None

    def graph(self, feeds: Mapping[str, np.ndarray]) -> Answers:
        """What the graph says to these rows together."""
        return {name: np.asarray(array) for name, array in self.session.run_feeds(dict(feeds)).items()}

    def answers(self, feeds: Mapping[str, np.ndarray]) -> Answers:
        """What the graph says."""
        return piecewise(self.graph, feeds)

    def asked(self, feeds: Mapping[str, np.ndarray]) -> Answers:
        """What the original says."""
        return piecewise(self.original, feeds)

    def asked_precisely(self, feeds: Mapping[str, np.ndarray]) -> Answers | None:
        """What the original says in float64, or None where it has no such."""
        precise = self.precise()
        return None if precise is None else piecewise(precise, feeds)

    def agrees(self, batch: Batch) -> bool:
        """Whether both answer these rows, and alike."""
        try:
            expected, got = self.asked(batch.feeds), self.answers(batch.feeds)
        except Exception:  # the original and onnxruntime may raise anything at all
            return False
        limits = {name: limit_of(array, array, self.rtol) for name, array in expected.items()}
        return not any(compare(got[name], expected[name], limits[name]).wrong.any() for name in got)


@dataclass(frozen=True)
class Comparisons:
    """rows: those that both answer. got, expected, results, limits: by output. unanswered: rows that the graph alone refuses.
    singles: how many rows were run at batch 1, too."""

    rows: Batch
    got: Answers
    expected: Answers
    results: dict[str, Comparison]
    limits: dict[str, Tolerance]
    unanswered: Batch
    singles: int


def compared(pair: Pair, answered: Batch, expected: Answers) -> Comparisons:
    """The graph's answers beside the original's to all rows together, and then to some at batch 1, 3 and 7.

    Where widths move, the original is asked about each of these batches itself, and the widths have to be equal.
    """
    index, got, refused = settled(pair.answers, answered)
    rows, expected = answered.take(index), {name: array[index] for name, array in expected.items()}
    unanswered = answered.take(refused)
    if not len(rows):
        return Comparisons(rows, {}, expected, {}, {}, unanswered, 0)
    if pair.moving:
        expected, got = pair.original(rows.feeds), pair.graph(rows.feeds)
    sample = rows.kinds == "sample"
    limits = {name: limit_of(array[sample], array, pair.rtol) for name, array in expected.items()}
    results = {name: compare(got[name], expected[name], limits[name]) for name in expected}
    alone = [*_two_of_each(rows), *(_shortest(array) for array in expected.values() if pair.moving)]
    parts, singles = [np.array([i]) for i in dict.fromkeys(alone)], 0
    for part in [*parts, *(np.arange(min(size, len(rows))) for size in BATCHES[1:])]:
        batch = rows.take(part)
        rights = _right(pair, batch, {name: array[part] for name, array in expected.items()})
        try:
            answers = pair.graph(batch.feeds)
        except Exception as error:  # whatever onnxruntime raises
            far = incomparable(len(part), f"the graph refuses a batch of {len(part)}: {str(error).strip().splitlines()[0]}")
            results = {name: _folded(result, far, part) if rights else result for name, result in results.items()}
            continue
        for name, right in [(name, right) for each in rights for name, right in each.items()]:
            worse = compare(answers[name], right, rows_of(limits[name], part))
            results[name] = _folded(results[name], worse, part)
            if not worse.problem:  # what is wrong is what is judged, also where the answer in the whole batch was right
                got[name][part[worse.wrong]] = fitted(answers[name][worse.wrong], got[name].shape[1:])
        singles += len(part) == 1
    return Comparisons(rows, got, expected, results, limits, unanswered, singles)


def mixes_rows(pair: Pair, trial: Comparisons, wrong: np.ndarray) -> bool:
    """Whether the original itself contradicts what it said about the first wrong row, if it is asked about it alone.

    Where widths move, every batch was compared with the original's answer to that batch: this is no excuse.
    """
    if pair.moving:
        return False
    place = np.flatnonzero(wrong)[:1]
    try:
        alone = pair.original(trial.rows.take(place).feeds)
    except Exception:  # whatever the original raises
        return True
    return any(compare(alone[n], a[place], rows_of(trial.limits[n], place)).wrong.any() for n, a in trial.expected.items())


def settled(answer: Answer, batch: Batch) -> tuple[np.ndarray, Answers, np.ndarray]:
    """The places of the rows that are answered, their answers, and the places of the rows that are refused. A batch that is
    refused is split."""
    pieces: list[tuple[np.ndarray, Answers]] = []
    refused: list[int] = []
    queue = [np.arange(len(batch))] if len(batch) else []
    while queue:
        part = queue.pop()
        try:
            pieces.append((part, answer(batch.take(part).feeds)))
        except Exception:  # whatever the original or onnxruntime raises
            if len(part) == 1:
                refused.append(int(part[0]))
            else:
                queue += [part[: len(part) // 2], part[len(part) // 2 :]]
    index = np.concatenate([part for part, _ in pieces]) if pieces else np.empty(0, np.int64)
    order = np.argsort(index)
    outputs = {name: stacked([o[name] for _, o in pieces])[order] for name in pieces[0][1]} if pieces else {}
    return index[order], outputs, np.sort(np.array(refused, np.int64))


def piecewise(answer: Answer, feeds: Mapping[str, np.ndarray]) -> Answers:
    """The answers to all rows; where the rows are large, to a few of them at a time. Raises ValueError where there is not one
    answer to each row, and whatever `answer` raises."""
    rows = len(next(iter(feeds.values())))
    size = sum(array.size for array in feeds.values()) // max(rows, 1)
    step = max(1, AT_ONCE // max(size, 1))
    parts = []
    for start in range(0, max(rows, 1), step):
        part = answer({name: a[start : start + step] for name, a in feeds.items()})
        for name, array in part.items():
            if len(array) != min(step, rows - start):
                raise ValueError(f"{name}: {len(array)} answers to {min(step, rows - start)} rows")
        parts.append(part)
    return {name: stacked([part[name] for part in parts]) for name in parts[0]}


def limit_of(sample: np.ndarray, expected: np.ndarray, rtol: float) -> Tolerance:
    """The tolerance of each row: relative to the largest finite number of the sample or of the row. atol, scale: [N, 1]."""
    if expected.dtype.kind != "f":
        return Tolerance(0.0, NONE, NONE, "equal", discrete=True)
    scale = np.maximum(_size(expected), _size(sample).max(initial=0.0))[:, None]
    return Tolerance(rtol, rtol * scale, scale, f"{rtol:g} of the largest number", discrete=False)


def rows_of(limit: Tolerance, places: np.ndarray) -> Tolerance:
    """The tolerance of some rows."""
    return limit if limit.discrete else replace(limit, atol=limit.atol[places], scale=limit.scale[places])


def _right(pair: Pair, batch: Batch, among: Answers) -> list[Answers]:
    """What the answers to a batch have to be: those to its rows among others, and where widths move, those to itself, and the
    former where they have the same width; none where the original refuses it."""
    if not pair.moving:
        return [among]
    try:
        alone = pair.original(batch.feeds)
    except Exception:  # whatever the original raises: a recurrent layer of a batch without any token
        return []
    return [alone, {name: array for name, array in among.items() if array.shape == alone[name].shape}]


def _size(values: np.ndarray) -> np.ndarray:
    """The largest finite magnitude of each row, [N]."""
    flat = np.abs(values.reshape(len(values), -1).astype(np.float64))
    return np.asarray(np.where(np.isfinite(flat), flat, 0).max(axis=1, initial=0.0))


def _two_of_each(rows: Batch) -> np.ndarray:
    return np.concatenate([np.flatnonzero(rows.kinds == kind)[:2] for kind in dict.fromkeys(rows.kinds)])


def _shortest(answers: np.ndarray) -> int:
    """The row with the fewest numbers or texts that are no padding."""
    zero = "" if answers.dtype == object else 0
    return int((answers != zero).reshape(len(answers), -1).sum(axis=1).argmin())


def _folded(result: Comparison, worse: Comparison, places: np.ndarray) -> Comparison:
    """One entry per row, as bad as the worse of two comparisons."""
    merged = {key: getattr(result, key).copy() for key in ("identical", "wrong", "absolute", "relative", "ulp")}
    merged["identical"][places] &= worse.identical
    merged["wrong"][places] |= worse.wrong
    for key in ("absolute", "relative", "ulp"):
        merged[key][places] = np.maximum(merged[key][places], getattr(worse, key))
    return Comparison(**merged, problem=result.problem or worse.problem)
