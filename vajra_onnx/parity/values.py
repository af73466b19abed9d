"""The values worth trying in one field, by kind of row: they come from the observed values and the field's type alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from ..frames.missing import ABSENT
from .floats import step
from .rows import Field

Trial = tuple[str, Any]  # what is tried, in a word or two, and the value

NEVER_SEEN = "vajra: never seen"
FOREIGN = "żółw 企鵝 🐧 \u0130 ß"
OBSERVED = 24
SQUARABLE = 2.0**60


def trials(field: Field, values: np.ndarray, rng: np.random.Generator, mode: str) -> Iterator[tuple[str, list[Trial]]]:
    """Kind of row -> values to try in this field. values: the field's on the rows of the sample.

    fast mode tries only numbers that float32 can hold: it has promised no more. mode "network" tries only those whose squares
    float32 can hold: what a backend makes of infinities, in a normalization or a softmax, is its own affair.
    """
    missing = [(f"missing {v!r}", v) for v in field.missing] if field.column.nullable else []
    yield "missing", [("absent", ABSENT)] * field.absent + missing
    present = _present(values)
    if field.kind == "text":
        seen = list(dict.fromkeys(present.tolist()))
        seen = [seen[i] for i in sorted(rng.permutation(len(seen))[:OBSERVED])]
        yield "category", list(_texts(seen) if any(isinstance(v, str) for v in seen) else _unseen_numbers(seen))
    elif field.kind == "bool":
        yield "bool", [("false", False), ("true", True)]
    elif len(present):
        kinds: dict[str, Callable[..., Iterator[tuple[str, list[Trial]]]]] = {
            "float": _floats, "integer": _integers, "datetime": _datetimes,
        }  # fmt: skip
        yield from kinds[field.kind](field, np.unique(present), rng, mode)


def _floats(field: Field, seen: np.ndarray, rng: np.random.Generator, mode: str) -> Iterator[tuple[str, list[Trial]]]:
    if seen.dtype.kind != "f":  # whole numbers or booleans among Python objects, beside missing values
        seen = seen.astype(np.float64)
    dtype = seen.dtype
    yield "infinite", [] if field.column.finite else [("inf", dtype.type(np.inf)), ("-inf", dtype.type(-np.inf))]
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return
    some = _some(seen, rng)
    yield "ulp", [(f"{way:+d} ulp", value) for pair in zip(step(some, 1), step(some, -1), strict=True)
                  for way, value in zip((1, -1), pair, strict=True)]  # fmt: skip
    halves = seen[:-1] / 2 + seen[1:] / 2
    yield "midpoint", [("midpoint", value) for value in _some(halves, rng)]
    limit = SQUARABLE if mode == "network" else float(np.finfo(dtype).max)
    tiny, large = np.finfo(dtype).smallest_subnormal, np.finfo(np.float32 if mode == "fast" else dtype).max / 1e8
    large = min(limit, float(large))
    with np.errstate(over="ignore"):
        edges = {"0": 0.0, "-0": -0.0, "max * 10": seen[-1] * 10, "min * 10": seen[0] * 10, "-max": -seen[-1],
                 "denormal": tiny, "1e9": 1e9, "-1e30": -1e30, "huge": large, "-huge": -large}  # fmt: skip
    yield "extreme", [(word, dtype.type(v)) for word, v in edges.items() if abs(float(v)) <= limit]


def _integers(field: Field, seen: np.ndarray, rng: np.random.Generator, mode: str) -> Iterator[tuple[str, list[Trial]]]:
    whole = [int(v) for v in seen]
    some = [int(v) for v in _some(seen, rng)]
    yield "ulp", [(f"{way:+d}", v + way) for v in some for way in (1, -1) if _holds(field, seen, v + way)]
    halves = [(a + b) // 2 for a, b in pairwise(whole) if b - a > 1]
    yield "midpoint", [("midpoint", v) for v in _some(np.array(halves, object), rng)]
    edges = {"-1": -1, "0": 0, "1": 1, "max * 10": whole[-1] * 10, "-max": -whole[-1], "1e6": 10**6, "2**24 + 1": 2**24 + 1}
    if mode == "exact":
        edges |= {"2**53 + 1": 2**53 + 1, "-2**53 - 1": -(2**53) - 1}
    if seen.dtype.kind in "iu" and seen.dtype.itemsize < 8:
        edges |= {"type max": int(np.iinfo(seen.dtype).max), "type min": int(np.iinfo(seen.dtype).min)}
    yield "integer", [(word, v) for word, v in edges.items() if _holds(field, seen, v)]


def _datetimes(field: Field, seen: np.ndarray, rng: np.random.Generator, mode: str) -> Iterator[tuple[str, list[Trial]]]:
    some = _some(seen, rng)
    yield "ulp", [("one tick", v + way) for v in some for way in (1, -1)]
    yield "midpoint", [("midpoint", v) for v in _some(seen[:-1] + (seen[1:] - seen[:-1]) // 2, rng)]
    moments = ("1970-01-01", "1969-12-31T23:59:59", "2000-02-29", "2024-12-31T23:59:59", "1678-01-01", "2261-12-31", "1900-02-28")
    yield "datetime", [(text, np.datetime64(text).astype(seen.dtype)) for text in moments]


def _texts(seen: list[Any]) -> Iterator[Trial]:
    """Text that looks like a category and is not one, or like a missing value and is not; then every category."""
    words = [v for v in seen if isinstance(v, str)]
    word = max(words, key=len)
    tries = {"unseen": NEVER_SEEN, "empty": "", "nan as text": "nan", "None as text": "None", "NA as text": "<NA>",
             "case changed": word.swapcase(), "space after": word + " ", "space before": " " + word, "foreign": FOREIGN,
             "decomposed": "e\u0301", "noncharacter": "\ufdd0nan", "prefix": word[:-1]}  # fmt: skip
    yield from tries.items()
    yield from (("observed", v) for v in seen)


def _unseen_numbers(seen: list[Any]) -> Iterator[Trial]:
    """Categories that are numbers: one past the largest, then every category."""
    if seen:
        yield "unseen", type(seen[0])(max(seen) + 1)
        yield from (("observed", v) for v in seen)


def _present(values: np.ndarray) -> np.ndarray:
    """The values that are not missing; numbers among Python objects as one numeric array."""
    import pandas

    present = values[~np.asarray(pandas.isna(values))]
    if present.dtype == object and len(present) and not isinstance(present[0], str):
        return np.array(present.tolist())
    return np.asarray(present)


def _some(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """At most OBSERVED of the values, the smallest and the largest among them, in random order."""
    if len(values) <= 2:
        return values
    inner = rng.permutation(np.arange(1, len(values) - 1))[: OBSERVED - 2]
    return np.asarray(values[rng.permutation(np.concatenate([[0, len(values) - 1], inner]))])


def _holds(field: Field, seen: np.ndarray, value: int) -> bool:
    """Whether the field's type, and float64 where pandas' nullable integers travel in it, holds this integer."""
    if seen.dtype.kind in "iu":
        info = np.iinfo(seen.dtype)
        return bool(info.min <= value <= info.max)
    return abs(value) <= 2**53
