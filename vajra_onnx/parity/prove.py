"""prove: compare a graph with its original on the sample and on adversarial rows, and write down how close they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import onnx

from ..errors import ParityError
from ..schema import Column
from .answers import Graph, Runs
from .cases import KINDS, Budget, cases
from .certificate import Certificate, OutputReport, Tally
from .compare import Comparison, Tolerance, compare, tolerance
from .original import Original
from .proof import Golden, Proof, Worst
from .rounding import Rounding, rounding
from .rows import NO_FIELD, Rows
from .ties import RULE, backward_ties, label_ties
from .versions import versions

__all__ = ["Proof", "prove"]

SINGLES_PER_KIND = 4
WORST_ROWS = 5
GOLDEN_ROWS = 32


def prove(
    model: Any,
    sample: Any,
    session: Runs,
    methods: Mapping[str, str],
    columns: Sequence[Column],
    *,
    graph: onnx.ModelProto | None = None,
    mode: str = "exact",
    digest: str = "",
    seed: int = 0,
    budget: Budget | None = None,
    notes: Sequence[str] = (),
) -> Proof:
    """Compare `session` with `model`. Nothing is raised for a difference: see `Proof.raise_if_failed`.

    sample: rows like those that the model was fitted on. session: runs the graph. methods: output name -> the original's
    method. columns: the schema's inputs as `probe` found them. graph: the model that the session runs, to see where it
    rounds before it compares; without it, no answer is excused by moving a row. digest, notes: for the certificate.
    Raises ParityError when the original answers no row of the sample.
    """
    original = Original(model, sample, methods)
    limits, drivers = _limits(original, columns, mode)
    batch = cases(original, columns, drivers, seed=seed, budget=budget or Budget(), mode=mode)
    answered = original.answer(batch)
    subject = Graph(session, columns)
    index, got, messages = subject.answer(answered.rows)
    rows = answered.rows.take(index)
    expected = {name: array[index] for name, array in answered.outputs.items()}
    singles = _singles(rows)
    alone = subject.one_by_one(rows.take(singles))
    results = {
        name: _with_singles(compare(got[name], expected[name], limits[name], mode), singles, alone, expected, name, limits, mode)
        for name in methods
    } if len(rows) else {}  # fmt: skip
    judge = _Judge(original, rows, got, expected, limits, _rounding(graph, columns, mode), mode)
    ties = judge.ties(results, np.random.default_rng(seed))
    outputs = tuple(
        _report(name, methods[name], expected, limits[name], results[name], ties[name], rows.kinds) for name in results
    )
    unanswered = _by_kind(answered.rows.take(np.array(sorted(messages), np.int64)))
    places, _, _ = subject.answer(answered.refused)
    certificate = Certificate(
        passed=bool(outputs) and all(o.passed for o in outputs) and not unanswered and "sample" in rows.kinds,
        mode=mode,
        rows=len(rows),
        rows_by_kind=_by_kind(rows),
        singles=len(singles),
        refused=_by_kind(answered.refused),
        answered=_by_kind(answered.refused.take(places)),
        unanswered=unanswered,
        outputs=outputs,
        rule=RULE,
        versions=versions(model, sample),
        digest=digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=tuple(notes) + tuple(f"{name}: {c.problem}" for name, c in results.items() if c.problem),
    )
    return Proof(
        certificate=certificate,
        worst={name: _worst(name, rows, got, expected, results[name], ties[name]) for name in results},
        golden=_golden(subject, rows, got, expected, results),
        comparisons=results,
        kinds=rows.kinds,
        unanswered=[f"the graph refuses a row that the original answers: {m}" for m in messages.values()],
        seconds=original.seconds,
    )


def _limits(original: Original, columns: Sequence[Column], mode: str) -> tuple[dict[str, Tolerance], list[str]]:
    """The tolerance of every output, and the outputs whose boundaries are searched: the first labels, the first numbers."""
    rows = Rows.of(original.sample, columns)
    answers = original.answer(rows)
    if not len(answers.rows):
        raise ParityError("the original refuses every row of the sample", got=original.explain(rows.take(np.array([0]))))
    limits = {}
    for name, array in answers.outputs.items():
        head, _, tail = (method := original.methods[name]).rpartition("_")
        labels = (head if tail.isdigit() else method) == "predict" and hasattr(original.model, "classes_")
        limits[name] = tolerance(array, method, mode, labels=labels)
    discrete = [name for name, limit in limits.items() if limit.discrete]
    numbers = [name for name, limit in limits.items() if not limit.discrete]
    return limits, discrete[:1] + numbers[:1]


def _rounding(graph: onnx.ModelProto | None, columns: Sequence[Column], mode: str) -> Rounding:
    """fast mode rounds every input to begin with."""
    if mode == "fast":
        return Rounding(frozenset(c.name for c in columns), True)
    return Rounding(frozenset(), True) if graph is None else rounding(graph)


def _singles(rows: Rows) -> np.ndarray:
    """Some rows of every kind, which are run at batch 1 as well."""
    places = [np.flatnonzero(rows.kinds == kind)[:SINGLES_PER_KIND] for kind in dict.fromkeys(rows.kinds)]
    return np.concatenate(places) if places else np.empty(0, np.int64)


def _with_singles(
    batch: Comparison,
    singles: np.ndarray,
    alone: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    name: str,
    limits: Mapping[str, Tolerance],
    mode: str,
) -> Comparison:
    """A row is as good as the worse of its two answers, at batch N and at batch 1."""
    if batch.problem:
        return batch
    single = compare(alone[name], expected[name][singles], limits[name], mode)
    merged = {key: getattr(batch, key).copy() for key in ("identical", "wrong", "absolute", "relative", "ulp")}
    merged["identical"][singles] &= single.identical
    merged["wrong"][singles] |= single.wrong
    for key in ("absolute", "relative", "ulp"):
        merged[key][singles] = np.maximum(merged[key][singles], getattr(single, key))
    return Comparison(**merged)


@dataclass(frozen=True)
class _Judge:
    """What is needed to tell a tie from an error."""

    original: Original
    rows: Rows
    got: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    limits: Mapping[str, Tolerance]
    rounded: Rounding
    mode: str

    def ties(self, results: Mapping[str, Comparison], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """By output, [N]: which of the wrong rows are ties."""
        tied = {name: np.zeros(len(self.rows), bool) for name in results}
        if not self.rounded.before_jump or any(c.problem for c in results.values()):
            return tied
        sample = self.rows.take(self.rows.kinds == "sample")
        for name, limit in self.limits.items():
            places = np.flatnonzero(results[name].wrong)
            if limit.discrete and len(places):
                got, expected = self.got[name][places], self.expected[name][places]
                tied[name][places] = label_ties(self.original, sample, self.rows.take(places), got, expected, self.mode)
        left = np.flatnonzero(np.logical_or.reduce([c.wrong & ~tied[name] for name, c in results.items()]))
        answers = {name: array[left] for name, array in self.got.items()}
        excused = left[backward_ties(self.original, self.rows.take(left), answers, self.limits, self.rounded, rng, self.mode)]
        for name, result in results.items():
            tied[name][excused] |= result.wrong[excused]
        return tied


def _report(
    name: str,
    method: str,
    expected: Mapping[str, np.ndarray],
    limit: Tolerance,
    result: Comparison,
    ties: np.ndarray,
    kinds: np.ndarray,
) -> OutputReport:
    return OutputReport(
        name=name,
        method=method,
        dtype=str(expected[name].dtype) if expected[name].dtype.kind not in "OU" else "string",
        tolerance=limit.text,
        rtol=limit.rtol,
        atol=float(limit.atol.max(initial=0.0)),
        discrete=limit.discrete,
        by_kind={kind: _tally(result, ties, limit, kinds == kind) for kind in KINDS if kind in kinds},
        **vars(_tally(result, ties, limit, np.ones(len(kinds), bool))),
    )


def _tally(result: Comparison, ties: np.ndarray, limit: Tolerance, rows: np.ndarray) -> Tally:
    wrong = int((result.wrong & ~ties & rows).sum())
    counted = rows & ~ties
    largest = {"max_abs": result.absolute, "max_rel": result.relative, "max_ulp": result.ulp}
    return Tally(
        rows=int(rows.sum()),
        bit_identical=int((result.identical & rows).sum()),
        flips=wrong if limit.discrete else 0,
        outside=0 if limit.discrete else wrong,
        ties=int((ties & rows).sum()),
        **{key: float(errors[counted].max(initial=0.0)) for key, errors in largest.items()},
    )


def _by_kind(rows: Rows) -> dict[str, int]:
    counts = {kind: int((rows.kinds == kind).sum()) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}


def _worst(
    name: str,
    rows: Rows,
    got: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    result: Comparison,
    ties: np.ndarray,
) -> list[Worst]:
    """The wrong rows first, those of the sample before adversarial ones; then the largest errors."""
    wrong = result.wrong & ~ties
    order = np.lexsort((-result.absolute, rows.kinds != "sample", ~wrong))
    interesting = [int(i) for i in order[:WORST_ROWS] if wrong[i] or not result.identical[i]]
    return [
        Worst(
            output=name,
            kind=rows.kinds[i],
            label=rows.labels[i],
            changed=None if rows.changed[i] == NO_FIELD else rows.fields[rows.changed[i]].name,
            inputs=rows.describe(i),
            expected=expected[name][i],
            got=got[name][i] if i < len(got[name]) else None,
            verdict="wrong" if wrong[i] else "tie" if ties[i] else "within",
            absolute=float(result.absolute[i]),
            ulp=float(result.ulp[i]),
        )
        for i in interesting
    ]


def _golden(
    subject: Graph,
    rows: Rows,
    got: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    results: Mapping[str, Comparison],
) -> Golden:
    """Rows on which nothing differs beyond the tolerance, every kind in turn."""
    good = np.flatnonzero(~np.logical_or.reduce([c.wrong for c in results.values()])) if results else np.empty(0, np.int64)
    if not len(good):
        return Golden({}, {})
    turn = np.array([int((rows.kinds[good[:i]] == rows.kinds[place]).sum()) for i, place in enumerate(good)])
    chosen = rows.take(good[np.argsort(turn, kind="stable")][:GOLDEN_ROWS])
    places = np.sort(good[np.argsort(turn, kind="stable")][:GOLDEN_ROWS])
    chosen = rows.take(places)
    outputs = {
        name: expected[name][places].astype(got[name].dtype) if got[name].dtype != object else got[name][places]
        for name in results
    }
    return Golden(chosen.feeds(subject.columns), outputs)
