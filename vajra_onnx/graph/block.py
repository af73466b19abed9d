"""Block: the value that flows between the steps of a pipeline.

A block is what a DataFrame, an array or a sparse matrix is in the original: columns side by side, with their dtypes. Parts
stay apart until a converter asks for one matrix, so that selecting, passing through and joining columns cost no node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from spox import Var

from ..errors import UnsupportedError
from . import ops
from .entries import Entries, entries_of, side_by_side
from .origins import Origin, Product, Rising
from .target import current
from .values import cast, concat, constant, dtype_of

INT64_MAX = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Part:
    """Adjacent columns that share one tensor.

    var: [N, width]. names: the columns' names in the original, where it knows them. categories: for a categorical column
    (width 1), the values in the order of their codes; `var` holds values, never codes. Missing values are NaN in floats
    and the sentinels of `frames.missing` in strings. datetime: int64 nanoseconds, NaT the smallest int64. joined: numbers that
    the original holds as Python objects here, because they were put beside text or booleans. masked: of a dtype of pandas' own,
    such as Int64. origin: how the same values follow from something cheaper; product: how they do for whoever multiplies them by
    a matrix.
    """

    var: Var
    width: int
    names: tuple[str, ...] | None = None
    categories: tuple[Any, ...] | None = None
    datetime: bool = False
    joined: bool = False
    masked: bool = False
    origin: Origin | None = None
    product: Product | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        return dtype_of(self.var)

    @property
    def is_string(self) -> bool:
        return self.dtype.kind == "U"

    def dense(self) -> Part:
        """The part itself; a SparsePart makes one."""
        return self

    def select(self, indices: Sequence[int]) -> Part:
        """These columns of the part, in this order."""
        if list(indices) == list(range(self.width)):
            return self
        start, stop = indices[0], indices[-1] + 1
        if list(indices) == list(range(start, stop)):
            end = INT64_MAX if stop == self.width else stop
            var = ops.slice(self.var, constant([start]), constant([end]), constant([1]))
        else:
            var = ops.gather(self.var, constant(np.asarray(indices, np.int64)), axis=1)
        names = None if self.names is None else tuple(self.names[i] for i in indices)
        origin = None if self.origin is None else self.origin.select(indices)
        return replace(self, var=var, width=len(indices), names=names, origin=origin, product=None)


@dataclass(frozen=True)
class SparsePart:
    """Adjacent columns of numbers that are known by their entries. Whoever asks for `var` gets them as a dense tensor."""

    entries: Entries
    names: tuple[str, ...] | None = None
    categories: ClassVar[None] = None
    datetime: ClassVar[bool] = False
    masked: ClassVar[bool] = False
    origin: ClassVar[None] = None
    product: ClassVar[None] = None
    is_string: ClassVar[bool] = False

    @cached_property
    def var(self) -> Var:
        """[N, width]. Raises UnsupportedError where a row would be too large."""
        return self.entries.dense()

    @property
    def width(self) -> int:
        return self.entries.width

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.entries.dtype

    def dense(self) -> Part:
        """The same columns as a part with a tensor."""
        return Part(self.var, self.width, self.names)

    def select(self, indices: Sequence[int]) -> SparsePart:
        """These columns of the part, in this order."""
        if list(indices) == list(range(self.width)):
            return self
        names = None if self.names is None else tuple(self.names[i] for i in indices)
        return SparsePart(self.entries.select(indices), names)


@dataclass(frozen=True)
class Block:
    """Columns side by side.

    sparse: the original is a scipy sparse matrix here, whose absent entries XGBoost reads as missing. stored_zeros: it may hold
    zeros as well, which XGBoost reads as zeros, and which cannot be told from absent entries here. frame: the original
    is a DataFrame here, so that dtypes belong to columns.
    """

    parts: tuple[Part | SparsePart, ...]
    sparse: bool = False
    frame: bool = False
    stored_zeros: bool = False

    @staticmethod
    def matrix_of(var: Var, width: int | None = None, *, sparse: bool = False) -> Block:
        """One matrix [N, F]; `width` (F) is needed only where shape inference cannot tell."""
        if width is None:
            size = var.unwrap_tensor().shape
            last = size[-1] if size else None
            if not isinstance(last, int):
                raise TypeError(f"width of {var} is not static; pass it")
            width = last
        return Block((Part(var, width),), sparse=sparse)

    @staticmethod
    def of_entries(entries: Entries) -> Block:
        """One matrix that is sparse in the original, too."""
        return Block((SparsePart(entries),), sparse=True)

    @staticmethod
    def concat(blocks: Iterable[Block], *, sparse: bool = False, frame: bool = False) -> Block:
        """The blocks side by side, as numpy.hstack and pandas.concat do."""
        return Block(tuple(p for b in blocks for p in b.parts if p.width), sparse=sparse, frame=frame)

    @property
    def width(self) -> int:
        """The number of columns."""
        return sum(p.width for p in self.parts)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns' names, or None where any has none."""
        if any(p.names is None for p in self.parts):
            return None
        return tuple(n for p in self.parts for n in p.names or ())

    @property
    def is_string(self) -> bool:
        """Whether any column holds text."""
        return any(p.is_string for p in self.parts)

    def columns(self) -> list[Part]:
        """Every column as a part of its own, [N, 1]."""
        return [p.select([i]).dense() for p in self.parts for i in range(p.width)]

    def column(self, index: int) -> Part:
        """One column as a part of its own, [N, 1]."""
        return self.select([index]).parts[0].dense()

    def select(self, indices: Iterable[int]) -> Block:
        """These columns, in this order."""
        place = [(k, i) for k, p in enumerate(self.parts) for i in range(p.width)]
        runs: list[tuple[int, list[int]]] = []
        for index in indices:
            k, i = place[int(index)]
            if runs and runs[-1][0] == k:
                runs[-1][1].append(i)
            else:
                runs.append((k, [i]))
        return replace(self, parts=tuple(self.parts[k].select(run) for k, run in runs))

    def named(self, names: Sequence[str]) -> Block:
        """The same columns under other names."""
        parts, start = [], 0
        for p in self.parts:
            parts.append(replace(p, names=tuple(names[start : start + p.width])))
            start += p.width
        return replace(self, parts=tuple(parts))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype that the original sees when it makes one array of these columns (numpy's and pandas' promotion)."""
        kinds = {p.dtype for p in self.parts}
        if any(p.masked for p in self.parts if not p.is_string):
            kinds.add(np.dtype(np.float64))  # whatever they are, scikit-learn asks pandas for numpy's default (`check_array`)
        if len(kinds) > 1 and any(p.is_string for p in self.parts):
            mixed = ", ".join(sorted(str(k) for k in kinds))
            raise UnsupportedError(
                "columns of text and of numbers in one array",
                got=mixed,
                hint="encode the text columns first, for example with OneHotEncoder",
            )
        if any(p.datetime for p in self.parts):
            # numpy would take the column's own unit, which a DataFrame does not tell reliably: ns, us or s.
            raise UnsupportedError("datetimes as numbers", hint="derive numbers from them in a step of its own, or drop them")
        return np.result_type(*kinds) if kinds else np.dtype(np.float64)

    def matrix(self, dtype: npt.DTypeLike | None = None) -> Var:
        """All columns as one tensor [N, width]: promoted as the original would, then cast to `dtype` when given."""
        common = self.dtype
        if not self.parts:
            raise UnsupportedError("a block without columns")
        if dtype is not None and common.kind == "U" and np.dtype(dtype).kind != "U":
            raise UnsupportedError("text as numbers", hint="encode the text columns first, for example with OneHotEncoder")
        # Neighbours of one dtype join before they are cast: a node per run, not per column.
        joined: list[Var] = []
        for kind, run in groupby(self.parts, key=lambda p: p.dtype):
            columns = [p.var for p in run]
            joined += columns if kind == common else [cast(concat(columns), common)]
        together = concat(joined)
        return together if dtype is None else cast(together, working(dtype))

    def entries(self, dtype: npt.DTypeLike | None = None) -> Entries | None:
        """All columns as the entries of one matrix, cast as `matrix` does; None where no part of it is known by its entries."""
        if not any(isinstance(p, SparsePart) for p in self.parts):
            return None
        common = working(self.dtype)
        parts = [p.entries if isinstance(p, SparsePart) else entries_of(p.var, p.width) for p in self.parts]
        together = side_by_side([part.cast(common) for part in parts])
        return together if dtype is None else together.cast(working(dtype))

    def together(self) -> Block:
        """The same columns in one part, of one dtype: what `numpy.asarray` of a DataFrame is."""
        entries = self.entries()
        part = SparsePart(entries) if entries is not None else Part(self.matrix(), self.width)
        return Block((part,), sparse=self.sparse, stored_zeros=self.stored_zeros)

    @property
    def float_dtype(self) -> np.dtype[Any]:
        """The dtype of `floats`."""
        return np.dtype(np.float32 if self.dtype == np.float32 else np.float64)

    def numeric(self) -> Block:
        """The columns in one array of numbers; Python objects are read as float64. Source: `check_array(dtype="numeric")`."""
        objects = any(isinstance(p, Part) and p.joined for p in self.parts)
        return Block.matrix_of(self.floats(), self.width) if objects else self.together()

    def rising(self) -> Rising | None:
        """The columns as never falling functions of their sources; None where any is something else than a number."""
        if any(isinstance(p, SparsePart) or p.is_string or p.datetime for p in self.parts):
            return None
        origins = [p.origin if isinstance(p.origin, Rising) else Rising.of(p.var, p.width) for p in self.parts]
        return Rising(tuple(s for o in origins for s in o.sources), tuple(f for o in origins for f in o.functions))

    def floats(self) -> Var:
        """All columns in the float type in which scikit-learn computes: float32 stays, everything else becomes float64.

        Source: `check_array(dtype=FLOAT_DTYPES)`. In fast mode always float32.
        """
        return self.matrix(self.float_dtype)


def working(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """The dtype to compute in: itself, but float32 for float64 in fast mode."""
    wanted = np.dtype(dtype)
    return np.dtype(np.float32) if wanted == np.float64 and current().mode == "fast" else wanted
