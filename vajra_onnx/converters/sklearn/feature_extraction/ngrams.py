"""N-grams in the graph: runs of neighbouring units (words or characters) along the last axis.

Who hashes n-grams needs them as texts. Who has a vocabulary only asks which of its terms they are: there every unit becomes a
number once, and runs are looked up unit by unit, number by number, with no text joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.text.arrangement import equals, filled, look_up, replaced, span
from ....graph.values import concat, constant


class Runs(Protocol):
    """How units are held, and their runs. none: what stands for no unit; `x` has it only behind all others."""

    @property
    def none(self) -> str | np.int64: ...

    def units(self, x: Var) -> Var:
        """What is held of each unit, given its text, "" for none."""

    def unit(self, text: str) -> Var:
        """The same for one unit that is known."""

    def of(self, x: Var, low: int, high: int) -> Var:
        """All runs of `low` to `high` units along the last axis."""

    def whole(self, x: Var) -> Var:
        """What counts once as it is, given its text, "" for none."""


@dataclass(frozen=True)
class Texts:
    """Runs as the texts that they are, "" where there is none. between: what joins two units."""

    between: str
    none = ""

    def units(self, x: Var) -> Var:
        return x

    def unit(self, text: str) -> Var:
        return constant(text)

    def of(self, x: Var, low: int, high: int) -> Var:
        if high == 1:
            return concat([x, filled(x, 1, "")], -1)
        padded = concat([x, filled(x, high, "")], -1)
        result, run = [], span(padded, 0, 1 - high)
        for n in range(1, high + 1):
            if n > 1:
                last = span(padded, n - 1, n - high)
                run = ops.string_concat(ops.string_concat(run, constant(self.between)) if self.between else run, last)
            if n >= low:
                result.append(run if n == 1 else replaced(run, equals(last, ""), ""))
        return concat(result, -1)

    def whole(self, x: Var) -> Var:
        return x


@dataclass(frozen=True)
class Columns:
    """Runs as the columns of a vocabulary, its size where there is none.

    vocabulary: the column of each term, by the units of the term. numbers: of each unit, from 1; 0 is any other unit.
    """

    vocabulary: Mapping[tuple[str, ...], int]
    columns: Mapping[str, int]
    numbers: dict[str, int] = field(default_factory=dict)
    none = np.int64(0)

    def __post_init__(self) -> None:
        for unit in sorted({unit for term in self.vocabulary for unit in term}):
            self.numbers[unit] = len(self.numbers) + 1

    def units(self, x: Var) -> Var:
        return look_up(x, self.numbers, 0) if self.numbers else self._nothing(x, 0)

    def unit(self, text: str) -> Var:
        return constant(self.numbers.get(text, 0))

    def of(self, x: Var, low: int, high: int) -> Var:
        """A run's number is that of its prefix among the prefixes of terms, which its units lead to one after the other."""
        padded = concat([x, filled(x, high, np.int64(0))], -1)
        result, run = [self._nothing(x, len(self.columns))], span(padded, 0, 1 - high)
        known: dict[tuple[str, ...], int] = {(unit,): number for unit, number in self.numbers.items()}
        for n in range(1, high + 1):
            if n > 1:
                run, known = self._longer(run, span(padded, n - 1, n - high), n, known)
            if not known:
                break
            if n >= low:
                table = np.full(len(known) + 1, len(self.columns))
                table[list(known.values())] = [self.vocabulary.get(prefix, len(self.columns)) for prefix in known]
                result.append(ops.gather(constant(table), run, axis=0))
        return concat(result, -1)

    def whole(self, x: Var) -> Var:
        return look_up(x, {term: column for term, column in self.columns.items() if term}, len(self.columns))

    def _longer(self, run: Var, last: Var, n: int, known: dict[tuple[str, ...], int]) -> tuple[Var, dict[tuple[str, ...], int]]:
        """The numbers of the runs that are one unit longer, and of the prefixes of n units."""
        prefixes = sorted({term[:n] for term in self.vocabulary if len(term) >= n})
        longer = {prefix: i for i, prefix in enumerate(prefixes, start=1)}
        step = len(self.numbers) + 1
        pairs = {known[prefix[:-1]] * step + self.numbers[prefix[-1]]: number for prefix, number in longer.items()}
        if not pairs:
            return run, {}
        key = ops.add(ops.mul(run, constant(step)), last)
        keys, values = list(pairs), list(pairs.values())
        return ops.label_encoder(key, keys_int64s=keys, values_int64s=values, default_int64=0), longer

    @staticmethod
    def _nothing(x: Var, value: int) -> Var:
        return filled(x, 1, np.int64(value))
