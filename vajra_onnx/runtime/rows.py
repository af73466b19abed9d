"""One dict row to the fed arrays, in microseconds.

What costs time is making one small array per column. Columns of one type are therefore taken out of the dict together,
checked together (exact types, finite numbers, plain text), written into one array of shape [k, 1, 1], and its k pieces are
the feeds. A row with anything unusual in it is left to the general way, which converts it or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum, inf, isfinite
from operator import itemgetter
from typing import Any

import numpy as np

from ..frames.missing import KINDS, MARK, NAN, NONE
from ..frames.text import is_unicode, plain
from ..schema import Column

Row = dict[str, Any]
Values = tuple[Any, ...]
# The values of some columns as an array of one value each, or None where they are left to the general way.
Pack = Callable[[Values], "np.ndarray | None"]

NUMBERS = frozenset({float, int, bool, np.float64, np.float32, np.int64, np.bool_})


def row_encoder(columns: Sequence[Column]) -> Callable[[Row], dict[str, np.ndarray] | None]:
    """The function from a dict row to feeds; it answers None for what it leaves to the general way."""
    groups: dict[tuple[Any, ...], list[Column]] = {}
    for column in columns:
        if column.shape != (None, 1):
            return lambda row: None
        floating = column.dtype in ("float64", "float32")
        key = (column.dtype, column.nullable, column.finite if floating else column.missing)
        groups.setdefault(key, []).append(column)
    plans = [(_getter(group), _pack(group[0])) for group in groups.values()]
    names = [column.name for group in groups.values() for column in group]
    width = len(names)

    def encode_row(row: Row) -> dict[str, np.ndarray] | None:
        if len(row) != width:
            return None
        arrays: list[np.ndarray] = []
        try:
            for getter, pack in plans:
                packed = pack(getter(row))
                if packed is None:
                    return None
                arrays.extend(packed)
        except (KeyError, OverflowError, ValueError):  # a name that is missing; numbers out of range; fsum of inf and -inf
            return None
        return dict(zip(names, arrays, strict=False))  # equally long; checking it costs 0.8 us

    return encode_row


def _getter(columns: Sequence[Column]) -> Callable[[Row], Values]:
    names = [column.name for column in columns]
    if len(names) > 1:
        return itemgetter(*names)
    only = names[0]
    return lambda row: (row[only],)


def _pack(column: Column) -> Pack:
    if column.dtype == "string":
        return _nullable_text(column) if column.nullable else _text
    if column.dtype == "float64":
        return _floats(column, np.float64, NUMBERS)
    if column.dtype == "float32":  # Python's floats have no width; whole numbers might not fit
        return _floats(column, np.float32, frozenset({float, np.float32}))
    if column.dtype == "int64":
        return _exactly(np.int64, {int, np.int64})
    if column.dtype == "bool":
        return _exactly(np.bool_, {bool, np.bool_})
    return lambda values: None


def _floats(column: Column, dtype: type[np.floating[Any]], kinds: Iterable[type]) -> Pack:
    narrow = dtype is np.float32
    allowed = frozenset({*kinds, type(None)} if column.nullable else kinds)
    nullable, finite = column.nullable, column.finite

    def pack(values: Values) -> np.ndarray | None:
        if not allowed.issuperset(map(type, values)):
            return None
        # The sum of finite numbers is finite, unless it overflows: then the general way looks at each.
        if not nullable and not isfinite(fsum(values)):
            return None
        if nullable and (finite or narrow) and (inf in values or -inf in values):
            return None
        array = np.array(values, dtype=np.float64)
        if narrow:
            if (np.abs(array) > np.finfo(np.float32).max).any():
                return None
            array = array.astype(np.float32)
        return array.reshape(-1, 1, 1)

    return pack


def _exactly(dtype: type[np.generic], kinds: Iterable[type]) -> Pack:
    allowed = frozenset(kinds)

    def pack(values: Values) -> np.ndarray | None:
        return np.array(values, dtype=dtype).reshape(-1, 1, 1) if allowed.issuperset(map(type, values)) else None

    return pack


def _text(values: Values) -> np.ndarray | None:
    return np.array(values, dtype=object).reshape(-1, 1, 1) if plain(values) else None


def _nullable_text(column: Column) -> Pack:
    only = None if column.missing is None else KINDS[column.missing]
    none, nan = only or NONE, only or NAN

    def pack(values: Values) -> np.ndarray | None:
        if plain(values):
            return np.array(values, dtype=object).reshape(-1, 1, 1)
        texts = []
        for value in values:
            if type(value) is str and value[:1] != MARK:
                texts.append(value)
            elif value is None:
                texts.append(none)
            elif type(value) is float and value != value:
                texts.append(nan)
            else:
                return None
        return np.array(texts, dtype=object).reshape(-1, 1, 1) if is_unicode("".join(texts)) else None

    return pack
