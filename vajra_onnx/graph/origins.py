"""Where the columns of a part come from, for converters that can do without the part itself.

A part always has its tensor, `Part.var`, and nodes that no output reaches never enter the graph. An origin says how the same
values follow from something cheaper: a tree compares the column as it was before it was scaled, a linear model looks up its
coefficients in place of a one-hot row, an encoder replaces missing text in its own table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from spox import Var

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Replaced:
    """Text columns that differ from others, [N, 1] each, in some strings.

    sources: one per column. texts: what stands for what in each of them. refused: strings that fail the run, with `message`.
    """

    sources: tuple[Var, ...]
    texts: tuple[Mapping[str, str], ...]
    refused: frozenset[str] = frozenset()
    message: str = ""

    def select(self, indices: Sequence[int]) -> Replaced:
        """Of these columns alone."""
        return replace(self, sources=tuple(self.sources[i] for i in indices), texts=tuple(self.texts[i] for i in indices))


@dataclass(frozen=True)
class Chosen:
    """Rows of tables, side by side: `tables[c][index[:, c]]` for every column c of the index.

    index: int64 [N, C]; tables: C, each [K, width]. With a `refusal` (the message) an index may be `graph.refuse.REFUSED`, which
    fails the run.
    """

    index: Var
    tables: tuple[np.ndarray, ...]
    refusal: str | None = None

    @property
    def widths(self) -> list[int]:
        """How many columns come from each table."""
        return [table.shape[1] for table in self.tables]

    def select(self, indices: Sequence[int]) -> Chosen | None:
        """Of these columns alone; None where the tables would change places."""
        table = np.repeat(np.arange(len(self.tables)), self.widths)[list(indices)]
        if (np.diff(table) < 0).any():
            return None
        place = np.concatenate([np.arange(width) for width in self.widths])[list(indices)]
        return replace(self, tables=tuple(own[:, place[table == c]] for c, own in enumerate(self.tables)))


@dataclass(frozen=True)
class Rising:
    """Columns of numbers that never fall where their sources rise.

    sources: for each column the tensor [N, F] and the column of it that it is made of. functions: float64 arrays to float64
    arrays, the values bit by bit as the graph computes them, of -inf to inf and of NaN.
    """

    sources: tuple[tuple[Var, int], ...]
    functions: tuple[Function, ...]

    @staticmethod
    def of(var: Var, width: int) -> Rising:
        """The columns of a tensor themselves."""
        return Rising(tuple((var, i) for i in range(width)), (lambda x: x,) * width)

    def then(self, functions: Sequence[Function]) -> Rising:
        """These functions, one per column, of the columns."""
        return replace(self, functions=tuple(_after(f, g) for f, g in zip(self.functions, functions, strict=True)))

    def select(self, indices: Sequence[int]) -> Rising:
        """Of these columns alone."""
        return Rising(tuple(self.sources[i] for i in indices), tuple(self.functions[i] for i in indices))


@dataclass(frozen=True)
class Product:
    """Columns that are `source @ matrix + offset` up to rounding: whoever multiplies them anyway multiplies the source.

    source: [N, G]. matrix: [G, width], or [width] for a factor per column (G = width). offset: [width].
    """

    source: Var
    matrix: np.ndarray
    offset: np.ndarray

    def times(self, weights: np.ndarray) -> np.ndarray:
        """`matrix @ weights`. weights: [width, K] -> [G, K]."""
        return self.matrix[:, None] * weights if self.matrix.ndim == 1 else np.asarray(self.matrix @ weights)


Origin = Replaced | Chosen | Rising


def _after(first: Function, second: Function) -> Function:
    return lambda x: second(first(x))
