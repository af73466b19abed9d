"""prove: compare a graph with its original on the sample and on adversarial rows, and write down how close they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import onnx

from ..errors import ParityError
from ..frames.dict_rows import conforming
from ..schema import Column
from .answers import Graph, Runs
from .cases import KINDS, Budget, cases
from .certificate import Certificate, OutputReport, Tally
from .compare import Comparison, Tolerance, tolerance
from .original import Original
from .precision import Precision, nowhere
from .proof import Golden, Proof, Worst
from .rounding import Rounding, rounding
from .rows import NO_FIELD, Rows
from .ties import RULE
from .trial import Trial, run
from .versions import versions

__all__ = ["Proof", "prove"]

WORST_ROWS = 5
GOLDEN_ROWS = 32
BOUNDED = "a network takes part: no number beyond 2^60 was tried, because its square is infinite in float32"


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
    original = Original(model, conforming(sample, columns), methods)
    usual = _usual(original, columns)
    batch = cases(original, columns, _drivers(original, usual), seed=seed, budget=budget or Budget(), mode=mode)
    answered = original.answer(batch)
    subject = Graph(session, columns)
    precision = Precision(original, answered.rows)
    limits = _limits(original, usual, precision, mode)
    trial = run(original, subject, answered, limits, _rounding(graph, columns, mode), precision, mode=mode, seed=seed)
    rows, results = trial.rows, trial.results
    outputs = tuple(_report(name, methods[name], limits[name], trial) for name in results)
    places, _, _ = subject.answer(answered.refused)
    certificate = Certificate(
        passed=bool(outputs) and all(o.passed for o in outputs) and not trial.refused and "sample" in rows.kinds,
        mode=mode,
        rows=len(rows),
        rows_by_kind=_by_kind(rows),
        singles=len(trial.singles),
        refused=_by_kind(answered.refused),
        answered=_by_kind(answered.refused.take(places)),
        unanswered=_by_kind(trial.unanswered),
        outputs=outputs,
        rule=RULE,
        versions=versions(model, sample),
        digest=digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=(*notes, *[BOUNDED] * original.has_network, *(f"{name}: {c.problem}" for name, c in results.items() if c.problem)),
    )
    return Proof(
        certificate=certificate,
        worst={name: _worst(name, trial) for name in results},
        golden=_golden(subject, trial),
        comparisons=results,
        kinds=rows.kinds,
        unanswered=[f"the graph refuses a row that the original answers: {m}" for m in trial.refused],
        seconds=original.seconds,
    )


def _usual(original: Original, columns: Sequence[Column]) -> dict[str, np.ndarray]:
    """The original's answers on the rows of the sample that it accepts."""
    rows = Rows.of(original.sample, columns)
    answers = original.answer(rows)
    if not len(answers.rows):
        raise ParityError("the original refuses every row of the sample", got=original.explain(rows.take(np.array([0]))))
    return answers.outputs


def _drivers(original: Original, usual: Mapping[str, np.ndarray]) -> list[str]:
    """The outputs whose boundaries are searched: the first labels, the first numbers."""
    discrete = {name: _is_label(original, name, array) or array.dtype.kind != "f" for name, array in usual.items()}
    return [name for name in usual if discrete[name]][:1] + [name for name in usual if not discrete[name]][:1]


def _is_label(original: Original, name: str, answers: np.ndarray) -> bool:
    """Whether these are labels. Floats are where each is one of the classes: CatBoost's regressors have `classes_`, too."""
    head, _, tail = (method := original.methods[name]).rpartition("_")
    classes = getattr(original.model, "classes_", None)
    if (head if tail.isdigit() else method) != "predict" or classes is None:
        return False
    return answers.dtype.kind != "f" or bool(np.isin(answers, [label for group in classes for label in np.ravel(group)]).all())


def _limits(original: Original, usual: Mapping[str, np.ndarray], precision: Precision, mode: str) -> dict[str, Tolerance]:
    """The tolerance of every output."""
    limits = {}
    for name, array in usual.items():
        method, labels = original.methods[name], _is_label(original, name, array)
        network = original.has_network
        ulps = not (labels or network or array.dtype != np.float64 or mode == "fast")
        single = precision.single(method) if ulps else nowhere(method)
        limits[name] = tolerance(array, method, mode, labels=labels, single=single, network=network)
    return limits


def _rounding(graph: onnx.ModelProto | None, columns: Sequence[Column], mode: str) -> Rounding:
    """fast mode rounds every input to begin with."""
    if mode == "fast":
        everything = frozenset(c.name for c in columns)
        return Rounding(everything, True, everything)
    return Rounding(frozenset(), True) if graph is None else rounding(graph)


def _report(name: str, method: str, limit: Tolerance, trial: Trial) -> OutputReport:
    result, ties, kinds, dtype = trial.results[name], trial.ties[name], trial.rows.kinds, trial.expected[name].dtype
    return OutputReport(
        name=name,
        method=method,
        dtype="string" if dtype.kind in "OU" else str(dtype),
        tolerance=limit.text,
        rtol=limit.rtol,
        atol=float(limit.atol.max(initial=0.0)),
        discrete=limit.discrete,
        by_kind={kind: tally(result, ties, limit, kinds == kind) for kind in KINDS if kind in kinds},
        **vars(tally(result, ties, limit, np.ones(len(kinds), bool))),
    )


def tally(result: Comparison, ties: np.ndarray, limit: Tolerance, rows: np.ndarray) -> Tally:
    """What a comparison found on some rows. ties, rows: [N] booleans."""
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


def _worst(name: str, trial: Trial) -> list[Worst]:
    """The wrong rows first, those of the sample before adversarial ones; then ties; then the largest errors."""
    rows, result, ties = trial.rows, trial.results[name], trial.ties[name]
    wrong = result.wrong & ~ties
    order = np.lexsort((-result.absolute, rows.kinds != "sample", ~ties, ~wrong))
    interesting = [int(i) for i in order[:WORST_ROWS] if wrong[i] or not result.identical[i]]
    return [
        Worst(
            output=name,
            kind=rows.kinds[i],
            label=rows.labels[i],
            changed=None if rows.changed[i] == NO_FIELD else rows.fields[rows.changed[i]].name,
            inputs=rows.describe(i),
            expected=trial.expected[name][i],
            got=trial.got[name][i] if i < len(trial.got[name]) else None,
            verdict="wrong" if wrong[i] else "tie" if ties[i] else "within",
            absolute=float(result.absolute[i]),
            ulp=float(result.ulp[i]),
        )
        for i in interesting
    ]


def _golden(subject: Graph, trial: Trial) -> Golden:
    """Rows on which nothing differs beyond the tolerance, every kind in turn."""
    if not trial.results:
        return Golden({}, {})
    good = np.flatnonzero(~np.logical_or.reduce([c.wrong for c in trial.results.values()]))
    if not len(good):
        return Golden({}, {})
    kinds = trial.rows.kinds[good]
    turn = np.array([int((kinds[:i] == kind).sum()) for i, kind in enumerate(kinds)])
    places = np.sort(good[np.argsort(turn, kind="stable")][:GOLDEN_ROWS])
    outputs = {name: in_dtype(trial.expected[name][places], got[places]) for name, got in trial.got.items()}
    return Golden(trial.rows.take(places).feeds(subject.columns), outputs)


def in_dtype(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """The original's answers in the graph's dtype; text is equal in both, and already encoded in the graph's."""
    return got if got.dtype.kind in "OU" else expected.astype(got.dtype)
