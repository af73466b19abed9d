"""What the original accepts: missing values and infinities, column by column, found out by asking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ParityError
from ..schema import Column
from .original import Original
from .rows import Field, Rows

INFINITE = (np.inf, -np.inf)

# A column at a time, the original is asked until it has refused so often without accepting once: the rest is held to refuse.
PATIENCE = 100
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
    gaps = {i for i, v in enumerate(accepted.values) if _is_missing(v).any()}
    nullable = _settled(original, base, {i: f.missing for i, f in _probed(rows) if f.missing and i not in gaps})
    nullable |= dict.fromkeys(gaps, True)
    floats = [i for i, f in _probed(rows) if f.kind == "float"]
    infinite = _settled(original, base, {i: INFINITE for i in floats if nullable.get(i)}, every=True)
    # Who refuses a missing value refuses an infinity as a rule; such columns are asked about all at once.
    strict = [i for i in floats if i not in infinite]
    together = [(i, v) for i in strict for v in INFINITE]
    infinite |= dict.fromkeys(strict, bool(together) and original.accepts(_changed(base, together)))
    if rows.matrix:
        infinities = any(np.isinf(v).any() for v in accepted.values if v.dtype.kind == "f")
        finite = rows.fields[0].kind == "float" and not (infinities or _all(infinite))
        return (replace(columns[0], nullable=bool(gaps) or _all(nullable), finite=finite),)
    return tuple(
        replace(c, nullable=nullable.get(i, False), finite=_is_float_column(c) and not infinite.get(i, False))
        for i, c in enumerate(columns)
    )


def _settled(original: Original, base: Rows, questions: Mapping[int, Sequence[Any]], every: bool = False) -> dict[int, bool]:
    """For each field: whether the original answers with one of these values there (with every one of them).

    Fields of one kind that it accepts together are settled at once.
    """
    answers: dict[int, bool] = {}
    for kind in dict.fromkeys(base.fields[i].kind for i in questions):
        group = [i for i in questions if base.fields[i].kind == kind]
        if original.accepts(_changed(base, [(i, v) for i in group for v in questions[i]])):
            answers |= dict.fromkeys(group, True)
        else:
            answers |= _one_by_one(original, base, group, questions, every)
    return answers


def _one_by_one(
    original: Original, base: Rows, group: Sequence[int], questions: Mapping[int, Sequence[Any]], every: bool
) -> dict[int, bool]:
    answers = dict.fromkeys(group, False)
    order = np.random.default_rng(0).permutation(group).tolist()
    for start in range(0, len(order), PATIENCE):
        if start and not any(answers.values()):
            break
        fields = order[start : start + PATIENCE]
        trials = [(i, v) for i in fields for v in questions[i]]
        accepts = original.acceptance(_changed(base, trials))
        for i in fields:
            accepted = (accepts(place) for place, (field, _) in enumerate(trials) if field == i)
            answers[i] = all(accepted) if every else any(accepted)
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


def _all(answers: dict[int, bool]) -> bool:
    return bool(answers) and all(answers.values())


def _is_float_column(column: Column) -> bool:
    return column.dtype.startswith("float")
