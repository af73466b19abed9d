"""The proof for networks: the graph beside the original on the sample and on adversarial rows (see `pair` and `tensors`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from ..errors import ParityError
from ..schema import Column
from .cases import KINDS
from .certificate import Certificate, OutputReport
from .compare import Comparison, compare
from .pair import Answer, Comparisons, Pair, compared, mixes_rows, settled
from .proof import Golden, Proof, Worst
from .prove import in_dtype, tally
from .sensitivity import RULE, precise_ties, rounding_ties
from .tensors import Batch, Feeds, batches_of, not_numbers
from .versions import versions_of

__all__ = ["Answer", "Pair", "narrowed", "probe", "prove", "unproved"]

GOLDEN_ROWS, WORST_ROWS = 8, 5
MIXED = (
    "the original answers a row differently alone than among others: the rows of a batch depend on each other, by padding "
    "without a mask, or by a number that is taken over all of them"
)
MOVING = "an answer may be as wide as the widest row of its batch: the original was asked about the same batches as the graph"


def probe(pair: Pair, sample: Feeds, columns: Sequence[Column], *, seed: int = 0) -> tuple[Column, ...]:
    """The columns, with NaN and infinities allowed only where graph and original agree about them."""
    rng = np.random.default_rng(seed)
    found = []
    for column in columns:
        if sample[column.name].dtype.kind == "f":
            nan, inf = (pair.agrees(not_numbers(sample, column, kind, rng)) for kind in ("missing", "infinite"))
            column = replace(column, nullable=nan, finite=not inf)
        found.append(column)
    return tuple(found)


def narrowed(columns: Sequence[Column], proof: Proof) -> tuple[Column, ...]:
    """The columns without NaN, and without infinities, where a row with one of them turned out wrong or is refused by the graph:
    what a pooling layer makes of NaN may depend on its place, and `probe` has tried some places only."""
    wrong = {kind for result in proof.comparisons.values() for kind in proof.kinds[result.wrong]} | set(
        proof.certificate.unanswered
    )
    missing, infinite = "missing" in wrong, "infinite" in wrong
    return tuple(replace(c, nullable=c.nullable and not missing, finite=c.finite or infinite) for c in columns)


def prove(
    pair: Pair,
    sample: Feeds,
    columns: Sequence[Column],
    names: Sequence[str],
    *,
    mode: str = "exact",
    digest: str = "",
    seed: int = 0,
    packages: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Proof:
    """Compare. sample: arrays by input. columns: as `probe` found them. names: the outputs. notes: for the certificate.
    Nothing is raised for a difference.

    Raises ParityError where the original answers no row of the sample.
    """
    batch = _rows(sample, columns, np.random.default_rng(seed))
    index, expected, dropped = settled(pair.asked, batch)
    answered, refused = batch.take(index), batch.take(dropped)
    if "sample" not in answered.kinds:
        raise ParityError("the original refuses every row of the sample", got=_message(pair.asked, batch.take(np.arange(1))))
    trial = compared(pair, answered, {name: expected[name] for name in names})
    wrong = np.logical_or.reduce([c.wrong for c in trial.results.values()]) if trial.results else np.zeros(0, bool)
    problem = any(c.problem for c in trial.results.values())
    ties = np.zeros(len(wrong), bool)
    if wrong.any() and not problem:
        rng = np.random.default_rng(seed)
        ties = rounding_ties(pair.asked, trial.rows, trial.got, trial.expected, trial.limits, wrong, rng)
        ties |= precise_ties(pair.asked_precisely, trial.rows, trial.got, trial.expected, trial.limits, wrong & ~ties)
    if (wrong & ~ties).any() and not problem and mixes_rows(pair, trial, wrong & ~ties):
        trial = replace(trial, results={name: replace(c, problem=MIXED) for name, c in trial.results.items()})
    outputs = tuple(_report(name, trial, ties) for name in trial.results)
    lost = trial.unanswered
    certificate = Certificate(
        passed=bool(outputs) and all(o.passed for o in outputs) and not len(lost) and "sample" in trial.rows.kinds,
        mode=mode,
        rows=len(trial.rows),
        rows_by_kind=_by_kind(trial.rows),
        singles=trial.singles,
        refused=_by_kind(refused),
        answered=_by_kind(refused.take(settled(pair.answers, refused)[0])),
        unanswered=_by_kind(lost),
        outputs=outputs,
        rule=RULE,
        versions=versions_of(packages),
        digest=digest,
        created=_now(),
        notes=(*notes, *(f"{name}: {c.problem}" for name, c in trial.results.items() if c.problem), *[MOVING] * pair.moving),
    )
    return Proof(
        certificate=certificate,
        worst={name: _worst(name, trial, ties) for name in trial.results},
        golden=_golden(pair, trial),
        comparisons=trial.results,
        kinds=trial.rows.kinds,
        unanswered=[f"the graph refuses a row that the original answers: {_message(pair.graph, lost)}"] if len(lost) else [],
        seconds=0.0,
    )


def unproved(mode: str, digest: str, why: str, notes: Sequence[str] = ()) -> Proof:
    """What is known of a graph that was compared with nothing: its certificate says so."""
    note = f"not proved: {why}"
    certificate = Certificate(False, mode, 0, {}, 0, {}, {}, {}, (), RULE, versions_of(()), digest, _now(), (note, *notes))
    return Proof(certificate, {}, Golden({}, {}), {}, np.empty(0, object), [note], 0.0)


def _rows(sample: Feeds, columns: Sequence[Column], rng: np.random.Generator) -> Batch:
    batches = batches_of(sample, columns, rng)
    for column in columns:
        if sample[column.name].dtype.kind == "f":
            kinds = ["missing"] * column.nullable + ["infinite"] * (not column.finite)
            batches += [not_numbers(sample, column, kind, rng) for kind in kinds]
    return Batch.concat(batches)


def _report(name: str, trial: Comparisons, tied: np.ndarray) -> OutputReport:
    result, limit, kinds = trial.results[name], trial.limits[name], trial.rows.kinds
    dtype, ties = trial.expected[name].dtype, tied & result.wrong
    return OutputReport(
        name=name,
        method=name,
        dtype="string" if dtype.kind in "OU" else str(dtype),
        tolerance=limit.text,
        rtol=limit.rtol,
        atol=float(limit.atol.min()) if limit.atol.size and not limit.discrete else 0.0,
        discrete=limit.discrete,
        by_kind={kind: tally(result, ties, limit, kinds == kind) for kind in KINDS if kind in kinds},
        **vars(tally(result, ties, limit, np.ones(len(kinds), bool))),
    )


def _by_kind(rows: Batch) -> dict[str, int]:
    counts = {kind: int((rows.kinds == kind).sum()) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}


def _worst(name: str, trial: Comparisons, ties: np.ndarray) -> list[Worst]:
    """The wrong rows first, those of the sample before others; then the largest errors."""
    rows, result = trial.rows, trial.results[name]
    wrong = result.wrong & ~ties
    order = np.lexsort((-result.relative, rows.kinds != "sample", ~ties, ~wrong))[:WORST_ROWS]
    return [
        Worst(
            output=name,
            kind=rows.kinds[i],
            label=rows.labels[i],
            changed=rows.changed[i] or None,
            inputs={n: array[i : i + 1].ravel() for n, array in rows.feeds.items()},
            expected=trial.expected[name][i : i + 1].ravel(),
            got=trial.got[name][i : i + 1].ravel(),
            verdict="wrong" if wrong[i] else "tie" if ties[i] else "within",
            absolute=float(result.absolute[i]),
            ulp=float(result.ulp[i]),
        )
        for i in order
        if result.wrong[i] or not result.identical[i]
    ]


def _golden(pair: Pair, trial: Comparisons) -> Golden:
    """Rows on which nothing differs beyond the smallest tolerance, every kind in turn."""
    if not trial.results:
        return Golden({}, {})
    good = np.flatnonzero(~np.logical_or.reduce([_strict(name, trial).wrong for name in trial.results]))
    turn = np.array([int((trial.rows.kinds[good[:i]] == trial.rows.kinds[g]).sum()) for i, g in enumerate(good)])
    places = np.sort(good[np.argsort(turn, kind="stable")][:GOLDEN_ROWS])
    if not len(places):
        return Golden({}, {})
    feeds = trial.rows.take(places).feeds
    if pair.moving:
        expected, got = pair.original(feeds), pair.graph(feeds)
    else:
        expected, got = ({name: array[places] for name, array in side.items()} for side in (trial.expected, trial.got))
    return Golden(feeds, {name: in_dtype(array, got[name]) for name, array in expected.items()})


def _strict(name: str, trial: Comparisons) -> Comparison:
    limit = trial.limits[name]
    if not limit.discrete:
        limit = replace(limit, atol=limit.atol.min(), scale=limit.scale.min())
    return compare(trial.got[name], trial.expected[name], limit)


def _message(answer: Answer, rows: Batch) -> str:
    try:
        answer(rows.feeds)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    return "no error"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
