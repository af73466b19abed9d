"""Proof: the certificate, and what a person needs who wants to see for himself: the worst rows, and golden vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ParityError
from .certificate import Certificate
from .compare import Comparison

SHOWN_VALUES = 6
SHOWN_CHARACTERS = 32


@dataclass(frozen=True)
class Worst:
    """One row at which an output is furthest from the original, or fails.

    inputs: the row's values by column. changed: the column that was changed to make the row, if it was one. label: what was
    tried there. verdict: "wrong", "tie" or "within". absolute, ulp: the largest errors in this row.
    """

    output: str
    kind: str
    label: str
    changed: str | None
    inputs: Mapping[str, Any]
    expected: Any
    got: Any
    verdict: str
    absolute: float
    ulp: float

    def line(self) -> str:
        """The row in one line: `predict expected 'Adelie', got 'Gentoo' in the boundary row mass=4207.5, ...`."""
        names = sorted(self.inputs, key=lambda name: name != self.changed)
        values = [f"{name}={shortened(self.inputs[name])}" for name in names[:SHOWN_VALUES]]
        more = [f"{len(names) - SHOWN_VALUES} more"] if len(names) > SHOWN_VALUES else []
        return (
            f"{self.output} expected {shortened(self.expected)}, got {shortened(self.got)} "
            f"in the {self.kind} row {', '.join([*values, *more])}"
        )


@dataclass(frozen=True)
class Golden:
    """Some rows of every kind on which graph and original agree. inputs: the arrays that the graph is fed, by name.
    outputs: the original's answers by output name, in the dtypes of the graph."""

    inputs: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Proof:
    """The outcome of `prove`.

    worst: by output, the rows that fail, or else those with the largest errors. comparisons: by output, every compared row;
    kinds: [N] the kind of each of them. seconds: how long the original was busy.
    """

    certificate: Certificate
    worst: Mapping[str, list[Worst]]
    golden: Golden
    comparisons: Mapping[str, Comparison]
    kinds: np.ndarray
    unanswered: list[str]
    seconds: float

    def raise_if_failed(self) -> None:
        """ParityError, its `certificate` attached, that names the worst row in one line."""
        if self.certificate.passed:
            return
        error = ParityError(f"the graph does not equal the original: {self.failure()}", hint="write the report with --report")
        error.certificate = self.certificate  # type: ignore[attr-defined]
        raise error

    def failure(self) -> str:
        """The first thing that is wrong, in one line; empty when the proof passed."""
        if self.certificate.passed:
            return ""
        problems = [f"{name}: {c.problem}" for name, c in self.comparisons.items() if c.problem]
        wrong = [w.line() for rows in self.worst.values() for w in rows if w.verdict == "wrong"]
        return [*problems, *wrong, *self.unanswered, "no row of the sample was compared"][0]


def shortened(value: Any) -> str:
    """A value's repr, cut to a readable length; floats in full, because their last digit may be the point."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return (
        "[" + ", ".join(map(shortened, value[:4])) + (", ...]" if len(value) > 4 else "]")
        if isinstance(value, list)
        else _one(value)
    )


def _one(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
