"""Adversarial rows for networks, whose inputs are tensors of any rank. From the sample alone: a row of every input at a time.

A table has a meaning per field, and trees in it that jump; what a network has to fear is another range, a token out of its
vocabulary, and what is not a number. Each kind of row changes one input of a row of the sample, whole or in some of its entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..schema import Column
from .values import FOREIGN, NEVER_SEEN

Feeds = dict[str, np.ndarray]

# Rows of the sample, at most; and about how many numbers a batch may hold, which bounds the rows of large inputs.
SAMPLE, NUMBERS = 256, 4_000_000
EACH = 3


@dataclass(frozen=True)
class Batch:
    """feeds: arrays [N, ...] by input. kinds, labels: [N], what kind of row each is, and what was tried. changed: [N], the input
    that was changed, "" for none."""

    feeds: Feeds
    kinds: np.ndarray
    labels: np.ndarray
    changed: np.ndarray

    def __len__(self) -> int:
        return len(self.kinds)

    def take(self, index: np.ndarray) -> Batch:
        """These rows; the batch itself where they are all of it, because a sample may be large."""
        if np.array_equal(index, np.arange(len(self))):
            return self
        feeds = {name: array[index] for name, array in self.feeds.items()}
        return Batch(feeds, self.kinds[index], self.labels[index], self.changed[index])

    @staticmethod
    def of(feeds: Feeds, kind: str = "sample", label: str = "", changed: str = "") -> Batch:
        """Rows of one kind."""
        count = len(next(iter(feeds.values())))
        return Batch(feeds, *(np.full(count, word, object) for word in (kind, label, changed)))

    @staticmethod
    def concat(batches: Sequence[Batch]) -> Batch:
        """All rows, in order."""
        feeds = {name: np.concatenate([b.feeds[name] for b in batches]) for name in batches[0].feeds}
        return Batch(feeds, *(np.concatenate([getattr(b, k) for b in batches]) for k in ("kinds", "labels", "changed")))


def fitted(rows: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Rows [n, ...] in a wider or narrower shape: cut off, or zeros (empty text) behind them."""
    if rows.shape[1:] == tuple(shape):
        return rows
    result = np.full((len(rows), *shape), "" if rows.dtype == object else rows.dtype.type(0), rows.dtype)
    common = tuple(slice(0, min(sizes)) for sizes in zip(rows.shape, result.shape, strict=True))
    result[common] = rows[common]
    return result


def stacked(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The rows of all parts, each as wide as the widest of them."""
    return np.concatenate([fitted(part, np.max([p.shape[1:] for p in parts], axis=0).astype(int)) for part in parts])


def batches_of(feeds: Mapping[str, np.ndarray], columns: Sequence[Column], rng: np.random.Generator) -> list[Batch]:
    """The sample's rows, as many as are bearable, and rows of every kind that its inputs admit."""
    count = len(next(iter(feeds.values())))
    size = sum(array[:1].size for array in feeds.values()) if count else 1
    kept = max(2, min(SAMPLE, count, NUMBERS // max(size, 1) // 4))
    index = np.arange(count) if count <= kept else np.sort(rng.permutation(count)[:kept])
    sample = {name: array[index] for name, array in feeds.items()}
    batches = [Batch.of(sample)]
    for column in columns:
        batches += [_changed(sample, column.name, *each, rng) for each in _trials(column, sample[column.name], rng)]
    return batches


def not_numbers(feeds: Mapping[str, np.ndarray], column: Column, kind: str, rng: np.random.Generator) -> Batch:
    """Rows with NaN ("missing") or an infinity ("infinite") in one input: in one entry, in some, in all of them."""
    array = feeds[column.name][:1]
    values = {"missing": [np.nan], "infinite": [np.inf, -np.inf]}[kind]
    changed = [where for v in values for where in (_spoiled(array, v, share, rng) for share in (0.0, 0.3, 1.0))]
    rows = {name: np.repeat(a[:1], len(changed), axis=0) for name, a in feeds.items()}
    return Batch.of({**rows, column.name: np.concatenate(changed)}, kind, kind, column.name)


Trial = tuple[str, str, np.ndarray]


def _changed(sample: Feeds, name: str, kind: str, label: str, values: np.ndarray, rng: np.random.Generator) -> Batch:
    """Some rows of the sample with other values in one input."""
    base = rng.integers(len(sample[name]), size=len(values))
    feeds = {n: array[base] for n, array in sample.items()}
    return Batch.of({**feeds, name: values}, kind, label, name)


def _trials(column: Column, array: np.ndarray, rng: np.random.Generator) -> Iterator[Trial]:
    """Kind, label and the whole input [n, ...] of some rows."""
    some = array[rng.integers(len(array), size=EACH)]
    if array.dtype == object:
        yield from _texts(some, rng)
    elif array.dtype == bool:
        yield "bool", "the other way", ~some
    elif array.dtype.kind in "iu":
        yield from _integers(array, some, rng)
    else:
        yield from _floats(array, some, rng)


def _floats(array: np.ndarray, some: np.ndarray, rng: np.random.Generator) -> Iterator[Trial]:
    dtype = array.dtype
    other = array[rng.integers(len(array), size=EACH)]
    low, high = (np.broadcast_to(f(array), some[:1].shape).astype(dtype) for f in (np.nanmin, np.nanmax))
    yield "extreme", "zeros", np.zeros_like(some[:1])
    yield "extreme", "negative zeros", -np.zeros_like(some[:1])
    yield "extreme", "all as the largest", high
    yield "extreme", "all as the smallest", low
    yield "extreme", "negated", -some
    yield "extreme", "times 10", some * dtype.type(10)
    yield "extreme", "times 1e-6", some * dtype.type(1e-6)
    yield "midpoint", "between two rows", some / 2 + other / 2
    yield "midpoint", "entries of two rows", np.where(rng.random(some.shape) < 0.5, some, other)
    yield "ulp", "+-1 ulp", np.nextafter(some, np.where(rng.random(some.shape) < 0.5, np.inf, -np.inf).astype(dtype))
    yield "midpoint", "rounded", np.round(some)


def _integers(array: np.ndarray, some: np.ndarray, rng: np.random.Generator) -> Iterator[Trial]:
    low, high = int(array.min()), int(array.max())
    info = np.iinfo(array.dtype)
    yield "integer", "any within the range", rng.integers(low, high, size=some.shape, endpoint=True).astype(array.dtype)
    for label, value in {"0": 0, "smallest": low, "largest": high}.items():
        yield "integer", label, np.full_like(some[:1], value)
    for label, value in {"-1": -1, "1": 1, "largest + 1": high + 1, "largest * 10": high * 10 + 7}.items():
        if info.min <= value <= info.max:
            yield "integer", label, _spoiled(some[:1], value, 0.3, rng)


def _texts(some: np.ndarray, rng: np.random.Generator) -> Iterator[Trial]:
    words = [word for word in some.ravel().tolist() if word] or [""]
    tries = {"unseen": NEVER_SEEN, "empty": "", "case changed": words[0].swapcase(), "space after": words[0] + " ",
             "foreign": FOREIGN, "long": words[0] * 3 + "x" * 70, "number": "42", "several words": " ".join(words[:3]),
             "mask": "[UNK]", "punctuation": f"{words[0]}, {words[-1]}!\t(\n)"}  # fmt: skip
    for label, word in tries.items():
        yield "category", label, _spoiled(some[:1], word, 0.3, rng)


def _spoiled(array: np.ndarray, value: object, share: float, rng: np.random.Generator) -> np.ndarray:
    """A copy with a value in this share of the entries, in one at least."""
    copy = array.copy()
    flat = copy.reshape(-1)
    places = rng.permutation(flat.size)[: max(1, round(share * flat.size))]
    flat[places] = value
    return copy
