"""Entries: a sparse matrix in the graph, for matrices whose dense rows would be mostly zeros: the counts of a text's words.

Every row has room for the same number of entries. What is summed is summed in the order of the entries, one after the other,
as scipy's `csr_matvecs` and scikit-learn's `inplace_csr_row_normalize_*` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from spox import Var

from ..errors import UnsupportedError
from . import ops
from .values import cast, concat, constant, constant_like, dtype_of

# A dense row of so many float64 takes a megabyte.
MOST_DENSE = 2**17
LAST = 2**63 - 1


@dataclass(frozen=True)
class Entries:
    """A matrix [N, width] by its entries, which stand below each other: the first ones of all rows, then the second ones.

    columns: int64 [S, N]. values: [S, N], S at least 1; a value of 0 stands for no entry, whatever its column.
    """

    columns: Var
    values: Var
    width: int

    @property
    def dtype(self) -> np.dtype[Any]:
        return dtype_of(self.values)

    def cast(self, dtype: npt.DTypeLike) -> Entries:
        """The same entries in this element type."""
        return replace(self, values=cast(self.values, dtype))

    def of_each(self, table: np.ndarray) -> Var:
        """What a table says of the column of each entry. table: [width] -> [S, N]."""
        return ops.gather(constant(table), self.columns, axis=0)

    def select(self, indices: Sequence[int]) -> Entries:
        """These columns, in this order."""
        places = np.full(self.width, -1)
        places[np.asarray(indices, np.int64)] = np.arange(len(indices))
        columns = self.of_each(places)
        known = ops.greater_or_equal(columns, constant(0))
        values = ops.where(known, self.values, constant_like(self.values, 0))
        return Entries(ops.max([columns, constant(0)]), values, len(indices))

    def dot(self, weights: np.ndarray) -> Var:
        """The product with a dense matrix or vector of the entries' own type: [width, K] -> [N, K], [width] -> [N]."""
        found = ops.gather(constant(weights), self.columns, axis=0)
        values = self.values if weights.ndim == 1 else ops.unsqueeze(self.values, constant([2]))
        return ops.squeeze(total(ops.mul(values, found)), constant([0]))

    def dense(self) -> Var:
        """[N, width]. Raises UnsupportedError where a row would be too large."""
        if self.width > MOST_DENSE:
            raise UnsupportedError(
                "a sparse matrix in a place where the graph needs a dense one",
                expected=f"at most 2**17 = {MOST_DENSE} columns",
                got=str(self.width),
                hint="fit with HashingVectorizer(n_features=2**16), or with TfidfVectorizer(max_features=...)",
            )
        columns, values = (ops.transpose(x, perm=[1, 0]) for x in (self.columns, self.values))
        shape = ops.concat([ops.shape(values, end=1), constant([self.width])], axis=0)
        zeros = ops.expand(constant_like(values, 0), shape)
        added = ops.scatter_elements(zeros, columns, values, axis=1, reduction="add")
        return ops.reshape(added, constant([-1, self.width]))  # tells shape inference the width


def total(x: Var) -> Var:
    """The sum along the first axis, which stays, one after the other: [S, ...] -> [1, ...]."""
    return ops.slice(ops.cumsum(x, constant(0)), constant([-1]), constant([LAST]))


def counted(columns: Var, width: int, values: Var | None = None) -> Entries:
    """The entries of the matrix in which the values are added up by row and column: in the order of their columns.

    columns: int64 [N, M], M at least 1; `width` and above stand for none. values: numbers [N, M], or the integer 1 each. What
    has the same row and column is added in the order in which it stands.
    """
    # No row has more entries than this: only so many are sorted. The 1 keeps the answer of an empty batch from being none.
    each = ops.reduce_sum(cast(ops.less(columns, constant(width)), np.int64), constant([1]), keepdims=0)
    steps = ops.reduce_max(ops.concat([each, constant([1])], axis=0), constant([0]))
    ordered, order = ops.top_k(columns, steps, largest=0)
    ordered = ops.transpose(ordered, perm=[1, 0])
    first = ops.slice(ordered, constant([0]), constant([1]), constant([0]))
    before = ops.concat([ops.sub(first, constant(1)), ops.slice(ordered, constant([0]), constant([-1]), constant([0]))], axis=0)
    rank = ops.sub(ops.cumsum(cast(ops.greater(ordered, before), np.int64), constant(0)), constant(1))
    present = ops.less(ordered, constant(width))
    if values is None:
        added = cast(present, np.int64)
    else:
        of_each = ops.transpose(ops.gather_elements(values, order, axis=1), perm=[1, 0])
        added = ops.where(present, of_each, constant_like(of_each, 0))
    nothing = ops.mul(rank, constant(0))
    kept = ops.where(present, ordered, constant(0))
    return Entries(
        ops.scatter_elements(nothing, rank, kept, axis=0),
        ops.scatter_elements(cast(nothing, dtype_of(added)), rank, added, axis=0, reduction="add"),
        width,
    )


def entries_of(matrix: Var, width: int) -> Entries:
    """All numbers of a dense matrix [N, width] as entries."""
    values = ops.transpose(matrix, perm=[1, 0])
    columns = ops.expand(constant(np.arange(width)[:, None]), ops.shape(values))
    return Entries(columns, values, width)


def side_by_side(matrices: Sequence[Entries]) -> Entries:
    """The matrices next to each other; all have one element type."""
    starts = np.cumsum([0, *(m.width for m in matrices)])
    columns = [m.columns if s == 0 else ops.add(m.columns, constant(s)) for m, s in zip(matrices, starts, strict=False)]
    return Entries(concat(columns, 0), concat([m.values for m in matrices], 0), int(starts[-1]))
