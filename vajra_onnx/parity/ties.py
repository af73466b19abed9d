"""Ties: differences that the original is itself undecided about. Counted apart, never silently; everything else fails.

A label is a tie when the original's scores of the two labels differ by less than the tolerance, and the graph's label is one of
the two. Any answer is a tie when the original gives it after moving the row's numbers by a few ulp (see `moves`).
"""

from __future__ import annotations

import numpy as np

from .compare import tolerance
from .moves import MOST_ULPS
from .original import Original
from .precision import Single, nowhere
from .rows import Rows

RULE = (
    "a tie is a label whose score the original itself puts within the tolerance of its best one (where duels of two classes are "
    "counted: a duel whose decision is within the tolerance of 0; where a network's probabilities are rounded: one within the "
    "tolerance of 0.5), or an answer that the original gives after moving the row's "
    f"numbers by at most {MOST_ULPS} ulp (of the number or, if larger, of its column's median), where the graph rounds these "
    "numbers before it compares; or numbers in the narrow range of those that it gives to rows moved so, where the graph rounds"
)
SCORES = ("decision_function", "margin", "predict_proba")
# What a converter's `references` may answer beside its outputs: the decision of every pair of classes, [N, K (K - 1) / 2].
DUELS = "pairwise_decisions"


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
    if len(rows) and got.ndim == 2 and original.has_network:
        return _rounded_ties(original, sample, rows, got, expected, mode)
    if not len(rows) or got.ndim != 1 or classes is None or isinstance(classes, list):
        return tied
    known = np.asarray(classes).astype(object)
    for method in SCORES:
        usual, scores = (_scores(original, batch, method, len(known)) for batch in (sample, rows))
        if usual is None or scores is None:
            continue
        limit = tolerance(usual, method, mode, labels=False, single=single(method), network=original.has_network)
        best = scores.max(axis=1, keepdims=True)
        near = best - scores <= limit.margin(best.astype(np.float64)).max(axis=1, keepdims=True)
        tied |= ((known == got[:, None]) & near).any(axis=1) & ((known == expected[:, None]) & near).any(axis=1)
    return tied


def _rounded_ties(original: Original, sample: Rows, rows: Rows, got: np.ndarray, expected: np.ndarray, mode: str) -> np.ndarray:
    """[N]: whether labels [N, K], a network's probabilities rounded, differ only where these are 0.5 within the tolerance."""
    usual, scores = (_answers(original, batch, "predict_proba") for batch in (sample, rows))
    if usual is None or scores is None or scores.shape != got.shape:
        return np.zeros(len(rows), bool)
    limit = tolerance(usual, "predict_proba", mode, labels=False, network=True)
    near = np.abs(scores - 0.5) <= limit.margin(np.full(scores.shape, 0.5))
    return np.asarray(((got == expected) | near).all(axis=1))


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
