"""Adversarial rows: from the sample and the original alone, so that they work through any preprocessing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..frames.missing import ABSENT
from ..schema import Column
from .boundary import boundaries
from .original import Answers, Original
from .rows import Field, Rows
from .values import trials

KINDS = ("sample", "ulp", "midpoint", "extreme", "infinite", "missing", "category", "integer", "bool", "datetime", "boundary")
# Each kind's share of the budget; what a kind does not need is not used.
SHARES = {"sample": 0.4, "ulp": 0.1, "midpoint": 0.1, "extreme": 0.08, "infinite": 0.03, "missing": 0.06, "category": 0.08,
          "integer": 0.05, "bool": 0.02, "datetime": 0.03, "boundary": 0.4}  # fmt: skip


# A call of the original that takes fewer seconds says nothing about its rows.
SHORT = 0.1


@dataclass(frozen=True)
class Budget:
    """rows: about how many rows a proof compares. seconds: how long the search for boundaries may keep the original busy."""

    rows: int = 2000
    seconds: float = 20.0

    def share(self, kind: str) -> int:
        """How many rows of this kind."""
        return max(1, round(self.rows * SHARES[kind]))


def cases(
    original: Original, columns: Sequence[Column], outputs: Sequence[str], *, seed: int, budget: Budget, mode: str = "exact"
) -> Rows:
    """Rows of every kind, those that the original refuses still among them.

    columns: with `nullable` and `finite` as `probe` found them. outputs: whose boundaries are searched.
    """
    rng = np.random.default_rng(seed)
    everything = Rows.of(original.sample, columns)
    sample = everything.take(_pick(len(everything), budget.share("sample"), rng))
    reached, slowness = _timed(original, sample)
    accepted, deadline = reached.rows, original.seconds
    numbers = "network" if original.has_network else mode
    mutated = list(_mutations(accepted if len(accepted) else sample, everything, rng, budget, numbers))
    found = []
    pairs = max(2, budget.share("boundary") // (8 * len(outputs)))
    for output in outputs:
        deadline += budget.seconds / len(outputs)
        answers = reached.outputs.get(output, np.empty(0))
        found.append(boundaries(original, accepted, answers, output, rng, pairs, slowness, deadline))
    return Rows.concat([sample, *mutated, *found])


def _timed(original: Original, rows: Rows) -> tuple[Answers, float]:
    """The answers, and the processor's seconds for each of a row; 0 where they cannot be told from those of a call."""
    started = time.process_time()
    answers = original.answer(rows)
    spent = time.process_time() - started
    return answers, spent / (len(rows) * len(original.methods)) if spent > SHORT else 0.0


def _mutations(base: Rows, observed: Rows, rng: np.random.Generator, budget: Budget, mode: str) -> Iterator[Rows]:
    """Rows of the sample with one field changed; and with every field missing at once that may be."""
    wanted: dict[str, list[list[tuple[int, str, Any]]]] = {}
    for index, field in enumerate(observed.fields):
        for kind, found in trials(field, observed.values[index], rng, mode):
            if found:
                wanted.setdefault(kind, []).append([(index, word, value) for word, value in found])
    for kind, by_field in wanted.items():
        chosen = _in_turn(by_field, budget.share(kind), rng)
        if kind in ("missing", "infinite"):  # few values, so each on several rows
            chosen = (chosen * 3)[: budget.share(kind)]
        fields = np.array([index for index, _, _ in chosen])
        rows = base.take(rng.integers(len(base), size=len(chosen))).assign(fields, [value for _, _, value in chosen])
        yield rows.marked(kind, [word for _, word, _ in chosen], fields)
    lacking = {i: ABSENT if f.absent else f.missing[0] for i, f in enumerate(base.fields) if f.absent or _may_lack(f)}
    if len(lacking) > 1:
        rows = base.take(rng.integers(len(base), size=3))
        for i, nothing in lacking.items():
            rows = rows.assign(np.full(3, i), [nothing] * 3)
        yield rows.marked("missing", ["all missing"] * 3)


def _may_lack(field: Field) -> bool:
    return field.column.nullable and bool(field.missing)


def _in_turn(by_field: list[list[tuple[int, str, Any]]], count: int, rng: np.random.Generator) -> list[tuple[int, str, Any]]:
    """At most `count` trials: one of each field, fields in random order, then a second one of each, and so on."""
    queues = [by_field[i] for i in rng.permutation(len(by_field))]
    longest = max(len(q) for q in queues)
    return [q[turn] for turn in range(longest) for q in queues if turn < len(q)][:count]


def _pick(count: int, wanted: int, rng: np.random.Generator) -> np.ndarray:
    return np.arange(count) if count <= wanted else np.sort(rng.permutation(count)[:wanted])
