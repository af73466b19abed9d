"""Ties: differences that the original is itself undecided about. Counted apart, never silently; everything else fails.

A label is a tie when the original's scores of the two labels differ by less than the tolerance, and the graph's label is one of
the two. Any answer is a tie when the original gives it after moving the row's numbers by at most 8 ulp; only numbers that the
graph rounds before it compares may move (see `rounding`): a comparison of plain columns has to agree on every float. An ulp is
that of the number, or of the column's median where the number is smaller, because sums round by the larger of their terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .compare import Tolerance, same_rows, tolerance
from .original import Original
from .precision import Single, nowhere
from .rounding import Rounding
from .rows import Rows

MOST_ULPS = 8
RULE = (
    "a tie is a label whose score the original itself puts within the tolerance of its best one (where duels of two classes are "
    "counted: a duel whose decision is within the tolerance of 0), or an answer that the original gives after moving the row's "
    f"numbers by at most {MOST_ULPS} ulp (of the number or, if larger, of its column's median), where the graph rounds these "
    "numbers before it compares"
)
SCORES = ("decision_function", "margin", "predict_proba")
# What a converter's `references` may answer beside its outputs: the decision of every pair of classes, [N, K (K - 1) / 2].
DUELS = "pairwise_decisions"
# The search moves so many numbers alone, and all together in so many random directions; so many rows are searched in one call.
ALONE = 16
DIRECTIONS = 96
TOGETHER = 16


def label_ties(
    original: Original,
    sample: Rows,
    rows: Rows,
    got: np.ndarray,
    expected: np.ndarray,
    mode: str,
    single: Single = nowhere,
) -> np.ndarray:
    """[N]: whether the labels `got` are ties by the original's own scores.

    sample: accepted rows, for the scale of the scores. expected: the original's labels on `rows`. single: which columns of a
    method's answers carry the rounding of float32.
    """
    tied = np.zeros(len(rows), bool)
    classes = getattr(original.model, "classes_", None)
    if not len(rows) or got.ndim != 1 or classes is None or isinstance(classes, list):
        return tied
    known = np.asarray(classes).astype(object)
    for method in SCORES:
        usual, scores = (_scores(original, batch, method, len(known)) for batch in (sample, rows))
        if usual is None or scores is None:
            continue
        limit = tolerance(usual, method, mode, labels=False, single=single(method))
        best = scores.max(axis=1, keepdims=True)
        near = best - scores <= limit.margin(best.astype(np.float64)).max(axis=1, keepdims=True)
        tied |= ((known == got[:, None]) & near).any(axis=1) & ((known == expected[:, None]) & near).any(axis=1)
    return tied


def duel_ties(
    original: Original,
    sample: Rows,
    rows: Rows,
    mode: str,
    answers: tuple[np.ndarray, np.ndarray] | None = None,
    single: Single = nowhere,
) -> np.ndarray:
    """[N]: whether a duel of two classes is within the tolerance of 0, for a model whose classes are voted for in duels.

    One vote more or less is then a matter of rounding, and with it the label and the scores that count votes (SVC's
    decision_function). answers: two labels of each row; then a duel counts only where one of them takes part. False for every
    row of any other model: those whose converter registers no `pairwise_decisions`.
    """
    usual, duels = (_answers(original, batch, DUELS) for batch in (sample, rows))
    if usual is None or duels is None or duels.ndim != 2:
        return np.zeros(len(rows), bool)
    known = np.asarray(original.model.classes_).astype(object)
    labels = None if answers is None else (known == answers[0][:, None]) | (known == answers[1][:, None])
    limit = tolerance(usual, DUELS, mode, labels=False, single=single(DUELS))
    undecided = np.abs(duels) <= limit.margin(duels.astype(np.float64))
    if labels is not None:
        first, second = np.triu_indices(labels.shape[1], 1)
        undecided &= labels[:, first] | labels[:, second]
    return np.asarray(undecided.any(axis=1))


def _scores(original: Original, rows: Rows, method: str, classes: int) -> np.ndarray | None:
    """[N, K] scores of every class; of a single score, half is the second class's and its negative half the first's."""
    scores = _answers(original, rows, method)
    if scores is None:
        return None
    if scores.ndim == 1 and classes == 2:
        return np.stack([-scores, scores], axis=1) / 2
    return scores if scores.ndim == 2 and scores.shape[1] == classes and scores.dtype.kind == "f" else None


def _answers(original: Original, rows: Rows, method: str) -> np.ndarray | None:
    try:
        return Original(original.model, original.sample, {method: method}).run(rows.raw())[method]
    except Exception:  # the model has no such method, or not with these parameters
        return None


def backward_ties(
    original: Original,
    rows: Rows,
    got: Mapping[str, np.ndarray],
    limits: Mapping[str, Tolerance],
    rounded: Rounding,
    rng: np.random.Generator,
    mode: str,
    *,
    alone: bool = False,
) -> np.ndarray:
    """[N]: whether the original gives all the graph's answers of a row after moving its numbers by at most 8 ulp.

    alone: the original is asked at batch 1.
    """
    tied = np.zeros(len(rows), bool)
    original, rows = _with_floats(original, rows, rounded)
    movable = np.array([i for i, f in enumerate(rows.fields) if f.kind == "float" and f.column.name in rounded.inputs], np.int64)
    if not len(movable):
        return tied
    for start in range(0, len(rows), TOGETHER):
        chosen = np.arange(start, min(start + TOGETHER, len(rows)))
        copies = [_moved(rows.take(np.array([row])), movable, rng, mode) for row in chosen]
        source = np.repeat(chosen, [len(c) for c in copies])
        reached = original.one_by_one(Rows.concat(copies)) if alone else original.answer(Rows.concat(copies))
        if len(reached.rows):
            source = source[reached.index]
            right = [same_rows(got[n][source], answer, limits[n], mode) for n, answer in reached.outputs.items()]
            tied[source[np.logical_and.reduce(right)]] = True
    return tied


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


def _with_floats(original: Original, rows: Rows, rounded: Rounding) -> tuple[Original, Rows]:
    """The same with float64 in place of integers that the graph rounds, so that they can move too; the original sees no
    difference, for it makes floats of them itself before it adds them up."""
    places = [i for i, f in enumerate(rows.fields) if f.kind == "integer" and f.column.name in rounded.inputs]
    places = [i for i in places if rows.values[i].dtype.kind in "iu"]
    sample = original.sample
    if not places or not hasattr(sample, "astype"):
        return original, rows
    names = {rows.fields[i].name for i in places}
    floats = sample.astype(np.float64 if rows.matrix else {name: np.float64 for name in sample.columns if str(name) in names})
    fields = tuple(replace(f, kind="float") if i in places else f for i, f in enumerate(rows.fields))
    values = tuple(v.astype(np.float64) if i in places else v for i, v in enumerate(rows.values))
    return Original(original.model, floats, original.methods), replace(rows, fields=fields, values=values)
