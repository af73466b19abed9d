"""What the original accepts: missing values and infinities, column by column, found out by asking it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ParityError
from ..schema import Column
from .original import Original
from .rows import Field, Rows

# The original is asked at most so often per question; columns that are not settled then are held to refuse.
QUESTIONS = 300
# An array has no columns of its own to describe: so many of its columns stand for all.
MATRIX_COLUMNS = 8
SAMPLE_ROWS = 200


def probe(original: Original, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns with `nullable` and `finite` as the original behaves on a row of the sample.

    nullable: it answers when a value (of any missing kind that the container can hold) is missing there; finite: it refuses
    an infinity. The array X is nullable if all probed columns are, or if the sample has missing values and is answered.
    Raises ParityError when the original answers no row of the sample.
    """
    rows = Rows.of(original.sample, columns)
    accepted = original.answer(_head(rows)).rows
    if not len(accepted):
        raise ParityError("the original refuses every row of the sample", got=original.explain(rows.take(np.array([0]))))
    base = accepted.take(np.array([_most_complete(accepted)]))
    nullable = _settled(original, base, [(i, f.missing) for i, f in _probed(rows) if f.missing])
    infinite = _settled(original, base, [(i, (np.inf, -np.inf)) for i, f in _probed(rows) if f.kind == "float"], every=True)
    if rows.matrix:
        missing = _has(accepted, np.isnan) or _all(nullable)
        return (
            replace(columns[0], nullable=missing, finite=_is_float(rows) and not (_has(accepted, np.isinf) or _all(infinite))),
        )
    return tuple(
        replace(c, nullable=nullable.get(i, False), finite=_is_float_column(c) and not infinite.get(i, False))
        for i, c in enumerate(columns)
    )


def _settled(
    original: Original, base: Rows, questions: Sequence[tuple[int, tuple[Any, ...]]], every: bool = False
) -> dict[int, bool]:
    """For each field: whether the original answers with one of these values there (with every one of them).

    Groups of fields that it accepts together are settled at once.
    """
    answers = {i: False for i, _ in questions}
    values = dict(questions)
    asked, groups = 0, [list(answers)] if answers else []
    while groups and asked < QUESTIONS:
        group = groups.pop()
        single = len(group) == 1
        trials = [(i, v) for i in group for v in values[i]]
        asked += 1
        if original.accepts(_changed(base, trials)):
            answers |= dict.fromkeys(group, True)
        elif not single:
            groups += [group[len(group) // 2 :], group[: len(group) // 2]]
        elif not every and len(trials) > 1:
            asked += len(trials)
            answers[group[0]] = any(original.accepts(_changed(base, [trial])) for trial in trials)
    return answers


def _changed(base: Rows, trials: Sequence[tuple[int, Any]]) -> Rows:
    fields = np.array([i for i, _ in trials])
    return base.take(np.zeros(len(trials), np.int64)).assign(fields, [v for _, v in trials])


def _probed(rows: Rows) -> list[tuple[int, Field]]:
    everything = list(enumerate(rows.fields))
    if not rows.matrix or len(everything) <= MATRIX_COLUMNS:
        return everything
    return [everything[i] for i in np.unique(np.linspace(0, len(everything) - 1, MATRIX_COLUMNS).astype(int))]


def _head(rows: Rows) -> Rows:
    return rows.take(np.unique(np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE_ROWS)).astype(int)))


def _most_complete(rows: Rows) -> int:
    gaps = sum((_is_missing(v).astype(int) for v in rows.values), np.zeros(len(rows), int))
    return int(np.argmin(gaps))


def _is_missing(values: np.ndarray) -> np.ndarray:
    import pandas

    return np.asarray(pandas.isna(values))


def _has(rows: Rows, test: Callable[[np.ndarray], np.ndarray]) -> bool:
    if test is np.isnan:
        return any(_is_missing(v).any() for v in rows.values)
    return any(test(v).any() for v in rows.values if v.dtype.kind == "f")


def _all(answers: dict[int, bool]) -> bool:
    return bool(answers) and all(answers.values())


def _is_float(rows: Rows) -> bool:
    return rows.fields[0].kind == "float"


def _is_float_column(column: Column) -> bool:
    return column.dtype.startswith("float")
