"""Trial: the answers of graph and original side by side, at batch N and at batch 1, and the judgement of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .answers import Graph
from .compare import Comparison, Tolerance, compare
from .moves import Moves
from .original import Answers, Original
from .precision import Precision
from .rounding import Rounding
from .rows import Rows
from .ties import duel_ties, label_ties

SINGLES_PER_KIND = 4
MEASURES = ("identical", "wrong", "absolute", "relative", "ulp")


@dataclass(frozen=True)
class Trial:
    """rows: [N] the rows that both answer. got, expected: by output, N answers. singles: places of the rows that were run at
    batch 1 as well; results, ties: by output, [N], a row being as good as the worse of its two answers. refused: what the
    graph said to rows that only the original answers; unanswered: those rows."""

    rows: Rows
    got: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    singles: np.ndarray
    results: Mapping[str, Comparison]
    ties: Mapping[str, np.ndarray]
    unanswered: Rows
    refused: list[str]


def run(
    original: Original,
    subject: Graph,
    answered: Answers,
    limits: Mapping[str, Tolerance],
    rounded: Rounding,
    precision: Precision,
    *,
    mode: str,
    seed: int,
) -> Trial:
    """Ask the graph what the original has answered, all rows together and then some of every kind one by one."""
    index, got, refused = subject.answer(answered.rows)
    rows, expected = answered.rows.take(index), {name: array[index] for name, array in answered.outputs.items()}
    singles = _singles(rows)
    places, alone, refused_alone = subject.one_by_one(rows.take(singles))
    unanswered = [*refused, *(int(index[singles[i]]) for i in refused_alone)]
    singles = singles[places]
    results, ties = {}, {}
    if len(rows):
        joined = Rows.concat([rows, rows.take(singles)])
        asked = {name: array[singles] for name, array in expected.items()}
        lonely = np.zeros(len(joined), bool)
        if len(singles):
            places, asked = _asked_alone(original, rows.take(singles), alone, asked, limits, mode)
            lonely[len(rows) + places] = True
        expected_twice = {name: np.concatenate([array, asked[name]]) for name, array in expected.items()}
        results = {n: _compared(got[n], alone.get(n), expected[n], asked[n], limits[n], mode) for n in limits}
        ties = {name: np.zeros(len(joined), bool) for name in results}
        if (rounded.before_jump or rounded.anywhere) and not any(c.problem for c in results.values()):
            got_twice = {name: np.concatenate([got[name], alone[name]]) if len(singles) else got[name] for name in results}
            judge = Judge(original, joined, got_twice, expected_twice, lonely, limits, rounded, precision, mode)
            ties = judge.ties(results, np.random.default_rng(seed))
    return Trial(
        rows=rows,
        got=got,
        expected=expected,
        singles=singles,
        results={name: _folded(result, singles) for name, result in results.items()},
        ties={name: _folded_ties(results[name].wrong, tied, singles) for name, tied in ties.items()},
        unanswered=answered.rows.take(np.unique(np.array(unanswered, np.int64))),
        refused=[*refused.values(), *refused_alone.values()],
    )


@dataclass(frozen=True)
class Judge:
    """What is needed to tell a tie from an error. lonely: [N], rows to which `expected` is what the original says at batch 1."""

    original: Original
    rows: Rows
    got: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    lonely: np.ndarray
    limits: Mapping[str, Tolerance]
    rounded: Rounding
    precision: Precision
    mode: str

    def ties(self, results: Mapping[str, Comparison], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """By output, [N]: which of the wrong rows are ties."""
        tied = {name: np.zeros(len(self.rows), bool) for name in results}
        sample, single = self.rows.take(self.rows.kinds == "sample"), self.precision.single
        for name, limit in self.limits.items():
            places = np.flatnonzero(results[name].wrong)
            if limit.discrete and len(places) and len(sample):
                got, expected = self.got[name][places], self.expected[name][places]
                tied[name][places] = label_ties(self.original, sample, self.rows.take(places), got, expected, self.mode, single)
        for name, level in self._by_votes(results, sample).items():
            tied[name] |= level
        for alone in (False, True):
            moves = Moves(self.original, self.rounded, rng, self.mode, alone)
            places = self._left(results, tied, alone)
            moved = moves.backward_ties(self.rows.take(places), _taken(self.got, places), self.limits)
            for name, result in results.items():
                tied[name][places[moved]] |= result.wrong[places[moved]]
            places = self._left(results, tied, alone)
            answers = (_taken(self.got, places), _taken(self.expected, places))
            ranged = moves.range_ties(self.rows.take(places), *answers, self.limits, _taken(tied, places))
            for name, result in results.items():
                tied[name][places[ranged]] |= result.wrong[places[ranged]]
        return tied

    def _left(self, results: Mapping[str, Comparison], tied: Mapping[str, np.ndarray], alone: bool) -> np.ndarray:
        """The places of the rows that are wrong and no ties so far."""
        left = np.flatnonzero(np.logical_or.reduce([c.wrong & ~tied[name] for name, c in results.items()]))
        return np.asarray(left[self.lonely[left] == alone])

    def _by_votes(self, results: Mapping[str, Comparison], sample: Rows) -> dict[str, np.ndarray]:
        """By output that counts votes, [N]: which of the wrong rows are ties of a duel."""
        counting = [n for n, limit in self.limits.items() if limit.discrete or self.original.methods[n] == "decision_function"]
        wrong = {name: results[name].wrong for name in counting if results[name].wrong.any()}
        if not wrong or not len(sample):
            return {}
        ties, single = {name: np.zeros(len(self.rows), bool) for name in wrong}, self.precision.single
        for name, tied in ties.items():
            places = np.flatnonzero(wrong[name])
            labels = (self.got[name][places], self.expected[name][places]) if self.limits[name].discrete else None
            tied[places] = duel_ties(self.original, sample, self.rows.take(places), self.mode, labels, single)
        return ties


def _taken(answers: Mapping[str, np.ndarray], places: np.ndarray) -> dict[str, np.ndarray]:
    return {name: array[places] for name, array in answers.items()}


def _singles(rows: Rows) -> np.ndarray:
    places = [np.flatnonzero(rows.kinds == kind)[:SINGLES_PER_KIND] for kind in dict.fromkeys(rows.kinds)]
    return np.concatenate(places) if places else np.empty(0, np.int64)


def _asked_alone(
    original: Original,
    rows: Rows,
    alone: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    limits: Mapping[str, Tolerance],
    mode: str,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The singles that the original answers in another way at batch 1 than at batch N, and what it answers to all of them there.

    It is asked only where the graph's answer at batch 1 is not the original's at batch N: an iteration that stops on a measure
    of the whole batch answers a row in another way when the row is alone.
    rows: the singles; alone, expected: what the graph answered to them at batch 1, and the original at batch N.
    """
    wrong = np.logical_or.reduce([compare(alone[name], expected[name], limit, mode).wrong for name, limit in limits.items()])
    answers = original.one_by_one(rows.take(wrong))
    places = np.flatnonzero(wrong)[answers.index]
    order = np.arange(len(rows))
    order[places] = len(rows) + np.arange(len(places))
    asked = {name: np.concatenate([expected[name], array])[order] for name, array in answers.outputs.items()}
    other = [compare(array, expected[name][places], limits[name], mode).wrong for name, array in answers.outputs.items()]
    return (places[np.logical_or.reduce(other)] if other else places), {**expected, **asked}


def _compared(
    got: np.ndarray, alone: np.ndarray | None, expected: np.ndarray, asked: np.ndarray, limit: Tolerance, mode: str
) -> Comparison:
    """All rows at batch N, then the singles at batch 1, each beside what the original answers there."""
    batch = compare(got, expected, limit, mode)
    if alone is None:
        return batch
    single = compare(alone, asked, limit, mode)
    joined = {key: np.concatenate([getattr(batch, key), getattr(single, key)]) for key in MEASURES}
    return Comparison(**joined, problem=batch.problem or single.problem)


def _folded(result: Comparison, singles: np.ndarray) -> Comparison:
    """One entry per row again."""
    count = len(result.wrong) - len(singles)
    merged = {key: getattr(result, key)[:count].copy() for key in MEASURES}
    merged["identical"][singles] &= result.identical[count:]
    merged["wrong"][singles] |= result.wrong[count:]
    for key in ("absolute", "relative", "ulp"):
        merged[key][singles] = np.maximum(merged[key][singles], getattr(result, key)[count:])
    return Comparison(**merged, problem=result.problem)


def _folded_ties(wrong: np.ndarray, tied: np.ndarray, singles: np.ndarray) -> np.ndarray:
    """A row is a tie when it is wrong somewhere, and wherever it is wrong that is a tie."""
    count = len(wrong) - len(singles)
    ties, errors = tied[:count].copy(), (wrong & ~tied)[:count].copy()
    ties[singles] |= tied[count:]
    errors[singles] |= (wrong & ~tied)[count:]
    return np.asarray(ties & ~errors)
