"""Where a network's own rounding is larger than its tolerance: rows far from those that it was trained on, saturated softmaxes of
large logits, the normalization of a row whose numbers are all alike.

The evidence is the original's alone: it is asked about the same row with its numbers moved by a few ulp. A graph's number that is
not farther from the original's than those answers are among themselves, twice, is a tie. An answer that jumps is no rounding: the
answers have to stay within half of float32's digits.

A picture of one colour has no such neighbours: all of its pixels round alike, and the mean over 10,000 of them is off by as much
as each. There the original is asked in float64: a graph that is no farther from that answer than the original's own float32, or
within the tolerance of it, is as right as the original is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .compare import Tolerance
from .tensors import Batch, fitted

ULPS, VARIANTS = 8, 6
JUMP = 2.0**-12
MOST = 64  # rows that are looked at, at most
RULE = (
    "a number beyond the tolerance is a tie where the original's own answers to the row, "
    f"its numbers moved by at most {ULPS} ulp, are half as far apart, and within 2^-12 of their size, or where the original, "
    "asked in float64, answers within the tolerance of the graph, or no farther from it than from its own answer in float32, "
    "which is within 2^-12 of it"
)


def rounding_ties(
    original: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]],
    rows: Batch,
    got: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    limits: Mapping[str, Tolerance],
    wrong: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """[N]: which of the wrong rows are ties. limits: with one scale per row."""
    ties = np.zeros(len(rows), bool)
    places = np.flatnonzero(wrong)
    if not 0 < len(places) <= MOST or not any(array.dtype.kind == "f" for array in rows.feeds.values()):
        return ties
    spread: dict[str, np.ndarray] = {}
    for _ in range(VARIANTS):
        answers = original(_moved(rows.take(places), rng))
        for name, array in expected.items():
            if array.dtype.kind == "f":
                distance = np.abs(fitted(answers[name], array.shape[1:]).astype(np.float64) - array[places])
                spread[name] = np.maximum(spread.get(name, 0.0), distance)
    ties[places] = True
    for name, array in expected.items():
        ties[places] &= _excused(got[name][places], array[places], spread.get(name), limits[name], places)
    return ties


def precise_ties(
    precise: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray] | None],
    rows: Batch,
    got: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    limits: Mapping[str, Tolerance],
    wrong: np.ndarray,
) -> np.ndarray:
    """[N]: which of the wrong rows the original answers in float64 as the graph does. precise: None where it cannot say."""
    ties, places = np.zeros(len(rows), bool), np.flatnonzero(wrong)
    if not 0 < len(places) <= MOST:
        return ties
    try:
        answers = precise(rows.take(places).feeds)
    except Exception:  # whatever the original raises in float64
        return ties
    if answers is None:
        return ties
    ties[places] = True
    for name, array in expected.items():
        ties[places] &= _precise(got[name][places], array[places], answers[name], limits[name], places)
    return ties


def _precise(got: np.ndarray, expected: np.ndarray, answer: np.ndarray, limit: Tolerance, places: np.ndarray) -> np.ndarray:
    """[n]: whether no number of a row is farther from the answer in float64 than the original's own farthest is, and than its
    tolerance."""
    if expected.dtype.kind != "f" or answer.dtype != np.float64 or answer.shape != expected.shape:
        return np.asarray((got == expected).reshape(len(got), -1).all(axis=1))
    g, e, a = (v.reshape(len(got), -1).astype(np.float64) for v in (got, expected, answer))
    same = (g == e) | (np.isnan(g) & np.isnan(e))
    with np.errstate(invalid="ignore"):
        own = np.where(same, 0, np.abs(e - a)).max(axis=1, initial=0.0, keepdims=True)
        near = (np.abs(g - a) <= np.maximum(limit.atol[places], own)) & (own <= JUMP * limit.scale[places])
    return np.asarray((same | near).all(axis=1))


def _excused(
    got: np.ndarray, expected: np.ndarray, spread: np.ndarray | None, limit: Tolerance, places: np.ndarray
) -> np.ndarray:
    """[n]: whether every number of a row is within its tolerance, or within twice the spread."""
    if spread is None:
        return np.asarray((got == expected).reshape(len(got), -1).all(axis=1))
    count = len(got)
    a, b, s = (v.reshape(count, -1).astype(np.float64) for v in (got, expected, spread))
    allowed = limit.atol[places] + 2 * np.where(s <= JUMP * limit.scale[places], s, 0)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        return np.asarray((same | (np.abs(a - b) <= allowed)).all(axis=1))


def _moved(rows: Batch, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The numbers of the rows, each moved by up to ULPS ulp."""
    return {
        name: array + np.spacing(np.abs(array)) * rng.integers(-ULPS, ULPS, size=array.shape, endpoint=True).astype(array.dtype)
        if array.dtype.kind == "f"
        else array
        for name, array in rows.feeds.items()
    }
