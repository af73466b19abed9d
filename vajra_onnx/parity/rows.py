"""Rows: a batch of inputs as plain columns, on their way to the original's container and to the graph's feeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import dtypes
from ..frames import encode, read
from ..frames.missing import is_missing
from ..frames.rebuild import framed
from ..frames.series import to_numpy
from ..schema import Column

NO_FIELD = -1


@dataclass(frozen=True)
class Field:
    """One number, text or date of a row: a column of a frame, or one column of the matrix.

    name: for messages. column: the schema's column that it belongs to. index: its place in the matrix. kind: "float",
    "integer", "bool", "datetime" or "text", by the values that the original's container can hold there (pandas' Int64 holds
    integers although the schema says float64). missing: the missing values that this container can hold there.
    typical: the median magnitude of a number's observed values. absent: text may be `missing.ABSENT` there.
    """

    name: str
    column: Column
    index: int
    kind: str
    missing: tuple[Any, ...]
    typical: float = 0.0
    absent: bool = False

    @property
    def is_number(self) -> bool:
        """Whether there is an order in which to search for neighbours."""
        return self.kind in ("float", "integer", "datetime")


@dataclass(frozen=True)
class Rows:
    """A batch. values: one array [N] per field. kinds, labels: [N], what kind of row each is, and which value it tries.
    changed: [N], the index of the field that was changed in a row of the sample, NO_FIELD for none or several."""

    fields: tuple[Field, ...]
    values: tuple[np.ndarray, ...]
    kinds: np.ndarray
    labels: np.ndarray
    changed: np.ndarray
    matrix: bool

    def __len__(self) -> int:
        return len(self.kinds)

    @staticmethod
    def of(sample: Any, columns: Sequence[Column]) -> Rows:
        """All rows of the sample, of kind "sample". columns: the schema's, as `frames.infer` gives them."""
        raw = read(sample)
        if isinstance(raw, np.ndarray):
            (column,) = columns
            missing = holdable_missing(raw.dtype, column, raw)
            kind = _kind(raw.dtype, column)
            fields = [Field(f"{column.name}[{i}]", column, i, kind, missing) for i in range(raw.shape[1])]
            values = [np.ascontiguousarray(raw[:, i]) for i in range(raw.shape[1])]
            matrix = True
        else:
            frame = framed(sample, raw)
            series = {str(name): frame[name] for name in frame.columns}
            holders = [series[c.name].dtype for c in columns]
            described = list(zip(columns, holders, strict=True))
            values = [_plain(to_numpy(series[c.name]), c, h) for c, h in described]
            lacking = [holdable_missing(h, c, v) for (c, h), v in zip(described, values, strict=True)]
            fields = [
                Field(c.name, c, 0, _kind(h, c), m, absent=c.optional and c.dtype == "string" and _holds_objects(h))
                for (c, h), m in zip(described, lacking, strict=True)
            ]
            matrix = False
        fields = [replace(f, typical=_typical(v)) if f.is_number else f for f, v in zip(fields, values, strict=True)]
        count = len(values[0])
        nothing = np.full(count, "", dtype=object)
        return Rows(
            tuple(fields), tuple(values), np.full(count, "sample", dtype=object), nothing, np.full(count, NO_FIELD), matrix
        )

    @staticmethod
    def concat(parts: Iterable[Rows]) -> Rows:
        """The batches one after another; all of the same fields."""
        batches = list(parts)
        values = tuple(np.concatenate(v) for v in zip(*(b.values for b in batches), strict=True))
        kinds, labels, changed = (np.concatenate([getattr(b, n) for b in batches]) for n in ("kinds", "labels", "changed"))
        return replace(batches[0], values=values, kinds=kinds, labels=labels, changed=changed)

    def take(self, index: np.ndarray) -> Rows:
        """These rows. index: integers or a mask."""
        return replace(
            self,
            values=tuple(v[index] for v in self.values),
            kinds=self.kinds[index],
            labels=self.labels[index],
            changed=self.changed[index],
        )

    def marked(self, kind: str, labels: str | Sequence[str] = "", changed: np.ndarray | None = None) -> Rows:
        """The same values as rows of another kind. labels: one for all rows, or one each."""
        texts = np.full(len(self), "", dtype=object)
        texts[:] = labels
        places = np.full(len(self), NO_FIELD) if changed is None else changed
        return replace(self, kinds=np.full(len(self), kind, dtype=object), labels=texts, changed=places)

    def ulp(self, field: int, single: bool = False) -> np.ndarray:
        """[N] float64: the last digit of a float field's numbers, or of its typical number where that is larger. Arithmetic that
        adds fields up rounds by as much. single: the last digit of float32 whatever the field's type."""
        values = self.values[field] if self.values[field].dtype.kind == "f" else self.values[field].astype(np.float64)
        size = np.maximum(np.abs(np.where(np.isfinite(values), values, 0)), self.fields[field].typical)
        return np.asarray(np.spacing(size.astype(np.float32 if single else values.dtype)), np.float64)

    def assign(self, field: np.ndarray, new: Sequence[Any] | np.ndarray) -> Rows:
        """Row i with `new[i]` in field `field[i]`."""
        values = list(self.values)
        for f in np.unique(field):
            here = np.flatnonzero(field == f)
            column = values[f].copy()
            for i in here.tolist():
                column[i] = new[i]
            values[f] = column
        return replace(self, values=tuple(values))

    def raw(self) -> Any:
        """What `frames.read` gives for these rows: columns by name, or the array."""
        if self.matrix:
            return np.stack(self.values, axis=1) if self.values else np.empty((len(self), 0))
        return {f.name: v for f, v in zip(self.fields, self.values, strict=True)}

    def feeds(self, columns: Sequence[Column]) -> dict[str, np.ndarray]:
        """The arrays that the graph is fed. Raises InputError for a row that the schema refuses."""
        raw = self.raw()
        if self.matrix:
            return {columns[0].name: encode(columns[0], raw)}
        return {c.name: encode(c, raw[c.name]) for c in columns}

    def describe(self, row: int) -> dict[str, Any]:
        """One row's values by the names of its fields, as Python objects."""
        return {
            f.name: v[row].item() if isinstance(v[row], np.generic) and v.dtype.kind != "M" else v[row]
            for f, v in zip(self.fields, self.values, strict=True)
        }


def holdable_missing(holder: Any, column: Column, values: np.ndarray) -> tuple[Any, ...]:
    """The missing values that a column of the original's container can hold. holder: its numpy, pandas or polars dtype.

    A column of numbers has one null in the graph, whereas objects may be None or NaN: the kind that is among the values of the
    sample; where none is, the original has to answer both alike.
    """
    import pandas

    library = type(holder).__module__.partition(".")[0]
    if library == "polars":
        return {"string": (None,), "datetime64": (np.datetime64("NaT"),)}.get(column.dtype, _nan(column))
    if column.dtype == "datetime64":
        return (np.datetime64("NaT"),)
    if column.dtype != "string":
        objects = _holds_objects(holder)
        return _nulls(values) if objects and _nan(column) else _nan(column)
    if isinstance(holder, pandas.CategoricalDtype):
        return (np.nan,)
    if isinstance(holder, pandas.StringDtype):
        return (holder.na_value,)
    return (None, np.nan, pandas.NA) if holder.kind == "O" else ()


def _holds_objects(holder: Any) -> bool:
    return isinstance(holder, np.dtype) and holder.kind == "O"


def _nulls(values: np.ndarray) -> tuple[Any, ...]:
    """None, NaN or both, of objects that are numbers."""
    found = [value for value in values.ravel().tolist() if is_missing(value)]
    kinds = (any(value is None for value in found), any(value is not None for value in found))
    return tuple(null for null, there in zip((None, np.nan), kinds, strict=True) if there or not found)


def _nan(column: Column) -> tuple[Any, ...]:
    return (np.nan,) if dtypes.dtype(column.dtype).numpy.kind == "f" else ()


def _kind(holder: Any, column: Column) -> str:
    """The kind of a field. Nullable integers and booleans are floats to the schema."""
    if column.categories is not None or column.dtype == "string":
        return "text"
    if column.dtype == "datetime64":
        return "datetime"
    kind = getattr(holder, "kind", "")
    if kind in "iu" and kind:
        return "integer"
    if kind == "b":
        return "bool"
    kinds = {"f": "float", "b": "bool"}
    if type(holder).__module__.partition(".")[0] == "polars":
        return "integer" if holder.is_integer() else "bool" if str(holder) == "Boolean" else "float"
    return kinds.get(dtypes.dtype(column.dtype).numpy.kind, "integer")


def _plain(array: np.ndarray, column: Column, holder: Any) -> np.ndarray:
    """A column's values as numpy keeps them: objects where the container holds objects or text, else the schema's type."""
    if column.dtype == "string" or column.categories is not None:
        objects = np.empty(len(array), dtype=object)
        objects[:] = array.tolist()
        return objects
    if column.dtype == "datetime64":
        if array.dtype == object:
            array = np.array([np.datetime64("NaT") if is_missing(v) else np.datetime64(v) for v in array])
        return array
    if _holds_objects(holder):
        return array
    return array.astype(dtypes.dtype(column.dtype).numpy)


def _typical(values: np.ndarray) -> float:
    if values.dtype.kind == "M":
        return 0.0
    sizes = np.abs(values.astype(np.float64))
    sizes = sizes[np.isfinite(sizes)]
    return float(np.median(sizes)) if len(sizes) else 0.0
