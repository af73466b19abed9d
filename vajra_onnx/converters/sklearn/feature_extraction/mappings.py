"""Rows that are Python dicts in the original and columns here: what DictVectorizer and FeatureHasher have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.refuse import refuse_where
from ....graph.values import cast, concat, constant, constant_like, dtype_of

DTYPES = (np.float64, np.float32, np.int64, np.int32)


@dataclass(frozen=True)
class Slots:
    """What some keys of a row fill: columns, or hashes of them, and values, [N, C] each."""

    keys: tuple[str, ...]
    columns: Var
    values: Var


def together(slots: Sequence[Slots], keys: Sequence[str]) -> tuple[Var, Var]:
    """Columns and values of all slots, in the order of these keys."""
    columns, values = concat([s.columns for s in slots]), concat([s.values for s in slots])
    places = [keys.index(key) for s in slots for key in s.keys]
    if places == sorted(places):
        return columns, values
    order = constant(np.argsort(places))
    return ops.gather(columns, order, axis=1), ops.gather(values, order, axis=1)


def keys_of(model: Any, block: Block) -> tuple[dict[str, Part], dict[str, Part]]:
    """The columns of text and those of numbers, by the key that they are in a row."""
    owner = type(model).__name__
    if block.names is None:
        raise UnsupportedError(f"the input of {owner}", expected="a list of dict rows", got="an array, or texts without keys")
    columns = dict(zip(block.names, block.columns(), strict=True))
    for name, column in columns.items():
        if column.datetime:
            hint = "the original refuses them too; write them as text or as numbers"
            raise UnsupportedError(f"datetimes in {owner}", where=f"$.columns[{name!r}]", hint=hint)
    texts = {name: column for name, column in columns.items() if column.is_string}
    return texts, {name: column for name, column in columns.items() if name not in texts}


def dtype_of_result(model: Any) -> np.dtype[Any]:
    """The dtype that the values are given one by one."""
    dtype: np.dtype[Any] = np.dtype(model.dtype)
    if dtype not in [np.dtype(kind) for kind in DTYPES]:
        expected = " | ".join(np.dtype(kind).name for kind in DTYPES)
        raise UnsupportedError(f"{type(model).__name__}(dtype=...)", expected=expected, got=str(dtype))
    return dtype


def as_values(x: Var, dtype: np.dtype[Any], owner: str) -> Var:
    """`dtype(v)` of every Python number in x, [N, C]: integers go to floats by way of float64; fractions are cut off.

    Refuses a number that an integer dtype cannot hold, as Python and numpy do.
    """
    if dtype.kind == "f":
        return cast(cast(x, working(np.float64)), working(dtype))
    source = dtype_of(x)
    if source == np.uint64:
        raise UnsupportedError(f"a column of uint64 in {owner}(dtype={dtype})", expected="int64")
    if source.kind != "f" and dtype == np.int64:
        return cast(x, dtype)
    wide: npt.DTypeLike = np.float64 if source.kind == "f" else np.int64
    x = cast(x, wide)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    if dtype == np.int64:  # in float64 the largest integer rounds up to one that is out of range
        fits = ops.and_(ops.greater_or_equal(x, constant_like(x, low)), ops.less(x, constant_like(x, float(high))))
    else:
        fits = ops.and_(ops.greater(x, constant_like(x, low - 1)), ops.less(x, constant_like(x, high + 1)))
    whole = cast(ops.where(fits, x, constant_like(x, 0)), dtype)
    return refuse_where(whole, ops.not_(fits), f"a number that {owner}(dtype={dtype}) cannot hold")


def in_every_row(values: np.ndarray, like: Var) -> Var:
    """These values, one for each column, in every row. values: [C]. like: [N, C]."""
    return ops.expand(constant(values[None]), ops.shape(like))
