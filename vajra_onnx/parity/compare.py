"""One output's answers beside the original's: which rows have the same bits, which are within the tolerance, how far the rest.

Tolerances are relative, with a floor: |got - expected| <= max(rtol * |expected|, rtol * scale). A sum of terms that cancel has
an error in proportion to the terms, not to what is left of them, so the floor is needed. `scale` is the largest magnitude of
that column of the output on the rows of the sample, never on adversarial ones; for probabilities it is 1, the whole.

Errors are measured in the same way: relative to the expected number, or to the scale where the number is smaller, and in ulp of
the larger of the two. What is left of a sum that cancels has no last digit of its own.

exact: rtol is 1e-12 where the original computes in float64, 8 ulp where it computes in float32 (see `precision`). fast: 1e-4
relative, and 1e-5 of the scale. A log-probability is as uncertain as the probability p that it comes from, so 8 ulp of a number
just below 1 are allowed in p as well, that is 8 * 2**-53 / p (2**-24 in float32). Labels, integers, booleans and text are equal
or they are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..converters.networks import NETWORK_RTOL
from ..frames.missing import encode_text

FLOAT64_RTOL = 1e-12
FLOAT32_ULPS = 8
FAST_RTOL, FAST_FLOOR = 1e-4, 1e-5
PROBABILITY_ULPS = 8
NONE, NOWHERE = np.zeros(()), np.zeros((), bool)


@dataclass(frozen=True)
class Tolerance:
    """|got - expected| <= max(atol, rtol * |expected|).

    atol, scale: one number per column of the output, [] or [K]. text: the rule in words. discrete: equal or not. certain: of a
    log-probability, the allowed error of the probability. single: the columns that are measured in ulp of float32, and may be
    FLOAT32_ULPS of them off in place of rtol. whole: of a network, whose numbers are as uncertain as the largest in their row.
    """

    rtol: float
    atol: np.ndarray
    scale: np.ndarray
    text: str
    discrete: bool
    certain: np.ndarray = field(default_factory=lambda: NONE)
    single: np.ndarray = field(default_factory=lambda: NOWHERE)
    whole: bool = False

    def margin(self, expected: np.ndarray) -> np.ndarray:
        """The allowed error of each number. expected: float64 copies of the original's answers."""
        size = np.abs(expected)
        if self.whole:
            largest = np.where(np.isfinite(size), size, 0).reshape(len(size), -1).max(axis=1, initial=0.0)
            return np.asarray(np.maximum(self.atol, self.rtol * largest.reshape(-1, *[1] * (size.ndim - 1))) + 0 * size)
        with np.errstate(all="ignore"):
            relative = np.where(self.single, FLOAT32_ULPS * _last_digit(size, np.float32), self.rtol * size)
            allowed = np.maximum(self.atol, relative)
            if self.certain.any():
                allowed = allowed + np.minimum(self.certain * np.exp(np.minimum(-expected, 700.0)), 1e300)
        return np.asarray(np.where(np.isfinite(allowed), allowed, 0.0))


@dataclass(frozen=True)
class Comparison:
    """Per row of one output: [N] booleans and errors. problem: why the arrays cannot be compared at all."""

    identical: np.ndarray
    wrong: np.ndarray
    absolute: np.ndarray
    relative: np.ndarray
    ulp: np.ndarray
    problem: str = ""


def tolerance(
    expected: np.ndarray, method: str, mode: str, *, labels: bool, single: np.ndarray = NOWHERE, network: bool = False
) -> Tolerance:
    """The tolerance of one output. expected: the original's answers on the rows of the sample, [N] or [N, K]. single: [] or [K],
    which columns of float64 carry the rounding of float32. network: whether a network takes part in it."""
    expected = _numbers(expected)
    if labels or expected.dtype.kind != "f":
        return Tolerance(0.0, NONE, NONE, "equal", discrete=True)
    if network and mode == "exact":
        return network_tolerance(expected, method)
    scale, log = scale_of(expected, method), method.startswith("predict_log_proba")
    single = single if expected.dtype == np.float64 else np.ones((), bool)
    also = f", or {PROBABILITY_ULPS} ulp of the probability" if log else ""
    certain = PROBABILITY_ULPS * np.where(single, np.finfo(np.float32).epsneg, np.finfo(np.float64).epsneg) * log
    if mode == "fast":
        return Tolerance(FAST_RTOL, FAST_FLOOR * scale, scale, f"{FAST_RTOL:g}, {FAST_FLOOR:g} of scale{also}", False, certain)
    ulps = FLOAT32_ULPS * float(np.finfo(np.float32).eps)
    atol = np.where(single, ulps / 2, FLOAT64_RTOL) * scale
    rules = [f"{FLOAT64_RTOL:g}"] * (not single.all()) + [f"{FLOAT32_ULPS} ulp of float32"] * bool(single.any())
    text = " or, by column, ".join(rules) + also
    return Tolerance(ulps if single.all() else FLOAT64_RTOL, atol, scale, text, False, certain, single)


def network_tolerance(expected: np.ndarray, method: str = "") -> Tolerance:
    """A network's own rule (ADR 0005): relative to the largest number of the row or of the sample, whichever is larger."""
    scale = scale_of(expected, method).max(initial=0.0)
    text = f"{NETWORK_RTOL:g} of the largest number"
    return Tolerance(NETWORK_RTOL, NETWORK_RTOL * scale, scale, text, discrete=False, single=np.ones((), bool), whole=True)


def scale_of(expected: np.ndarray, method: str) -> np.ndarray:
    """The largest finite magnitude of each column, [] for [N], [K] for [N, K]; of probabilities 1, the whole."""
    return np.ones(()) if method.startswith("predict_proba") else _largest(expected)


def compare(got: np.ndarray, expected: np.ndarray, limit: Tolerance, mode: str = "exact") -> Comparison:
    """The comparison of one output. got: the graph's; expected: the original's, the same rows."""
    expected = _numbers(expected, got.dtype)
    problem = _problem(got, expected, mode)
    count = len(expected)
    if problem:
        return incomparable(count, problem)
    a, b = got.reshape(count, -1), expected.reshape(count, -1)
    if expected.dtype.kind != "f":
        same = np.asarray(_equal(a, b).all(axis=1))
        none = np.zeros(count)
        return Comparison(same, ~same, none, none, none)
    return _floats(a.astype(b.dtype), b, limit, got.dtype)


def incomparable(count: int, problem: str) -> Comparison:
    """So many rows that are all wrong."""
    far = np.full(count, np.inf)
    return Comparison(np.zeros(count, bool), np.ones(count, bool), far, far, far, problem)


def same_rows(got: np.ndarray, expected: np.ndarray, limit: Tolerance, mode: str) -> np.ndarray:
    """[N]: whether a row agrees."""
    return ~compare(got, expected, limit, mode).wrong


def _floats(a: np.ndarray, b: np.ndarray, limit: Tolerance, unit: np.dtype[Any]) -> Comparison:
    """unit: the dtype whose ulp counts where it is not float32's, the graph's."""
    both_nan = np.isnan(a) & np.isnan(b)
    identical = (a == b) & (np.signbit(a) == np.signbit(b)) | both_nan
    finite = np.isfinite(a) & np.isfinite(b)
    x, y = np.where(finite, a, 0).astype(np.float64), np.where(finite, b, 0).astype(np.float64)
    with np.errstate(all="ignore"):
        absolute = np.abs(x - y)
        near = finite & (absolute <= limit.margin(y))
        if limit.certain.any():
            near |= (np.exp(a) < limit.certain) & (np.exp(b) < limit.certain)
        size = np.maximum(np.abs(y), limit.scale)
        digit = np.where(limit.single, _last_digit(size, np.float32), _last_digit(size, unit))
        errors = [absolute, absolute / size, np.ceil(absolute / digit)]
    right = (a == b) | both_nan | (near & (not limit.discrete))
    errors = [np.where(right | finite, np.where(a == b, 0.0, e), np.inf) for e in errors]
    errors = [np.where(np.isnan(e), 0.0, e) for e in errors]
    absolute, relative, ulp = (_most(e) for e in errors)
    return Comparison(identical.all(axis=1), ~right.all(axis=1), absolute, relative, ulp)


def _numbers(values: np.ndarray, like: npt.DTypeLike = np.float64) -> np.ndarray:
    """Objects that are numbers, booleans and missing numbers as whoever computes with them reads them: as numbers of this type,
    None as NaN. A DataFrame of columns of several types is such an array; text, booleans alone and labels stay as they are."""
    if values.dtype != object or np.dtype(like).kind not in "iuf":
        return values
    kinds = set(map(type, values.ravel().tolist()))
    fractions = {kind for kind in kinds if issubclass(kind, float | np.floating)}
    whole = {kind for kind in kinds if issubclass(kind, int | np.integer | np.bool_)}
    if not fractions | whole or kinds - fractions - whole - {type(None)} or (np.dtype(like).kind in "iu" and kinds - whole):
        return values
    return values.astype(like)


def _most(errors: np.ndarray) -> np.ndarray:
    return errors.max(axis=1) if errors.shape[1] else np.zeros(len(errors), errors.dtype)


def _last_digit(size: np.ndarray, dtype: npt.DTypeLike) -> np.ndarray:
    """The distance between neighbouring floats of this type at numbers of this size."""
    return np.asarray(np.spacing(size.astype(dtype)), np.float64)


def _problem(got: np.ndarray, expected: np.ndarray, mode: str) -> str:
    if got.shape != expected.shape:
        return f"shape {list(got.shape)}, expected {list(expected.shape)}"
    kinds = {"i": "iu", "u": "iu"}.get(expected.dtype.kind, expected.dtype.kind)
    alike = expected.dtype.kind in "OU" or got.dtype.kind in kinds
    if not alike or (expected.dtype.kind == "f" and mode == "exact" and got.dtype != expected.dtype):
        return f"dtype {got.dtype}, expected {expected.dtype}"
    return ""


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Elementwise; a missing value in text equals only the same kind of missing value."""
    if b.dtype.kind == "O":
        b = _encoded(b)
    return np.asarray(a.astype(object) == b.astype(object)) if b.dtype.kind in "OU" else np.asarray(a == b)


def _encoded(values: np.ndarray) -> np.ndarray:
    texts = np.empty(values.shape, dtype=object)
    for place, value in np.ndenumerate(values):
        code: Any = encode_text(value)
        texts[place] = value if code is None else code
    return texts


def _largest(values: np.ndarray) -> np.ndarray:
    """The largest finite magnitude of each column: [] for [N], [K] for [N, K]."""
    sizes = np.abs(np.where(np.isfinite(values), values, 0).astype(np.float64))
    return np.asarray(sizes.reshape(len(sizes), -1).max(axis=0, initial=0.0))
