"""Categorical columns: from values to the hashes by which CatBoost knows categories, and to what the trees ask of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...frames.missing import SENTINELS
from ...graph import ops
from ...graph.block import Part
from ...graph.refuse import gather_or_refuse
from ...graph.target import current
from ...graph.values import cast, concat, constant
from .bits import times
from .city import category_hash
from .ctrs import Ctr, Projection

# The factor of `CalcHash` in catboost/libs/helpers/hash.h.
FACTOR = 0x4906BA494954CB65


def hashes(columns: Sequence[Part]) -> Var:
    """The hash of each category, a signed number of 32 bits: int64 [N, C]. columns: each [N, 1].

    Text is hashed as UTF-8, a whole number as its decimal digits, True as 1. A missing value is refused, as CatBoost does.
    Each text is hashed once, however often it occurs.
    """
    if current().opset < 20:  # without which ONNX has no operators of text
        raise UnsupportedError(
            "categorical features of CatBoost",
            expected="ai.onnx 20 or later",
            got=f"ai.onnx {current().opset}",
            hint="convert with the default --target-opset",
        )
    text = concat([_text(column) for column in columns])
    found = ops.unique(ops.reshape(text, constant([-1])))
    each = ops.gather(category_hash(found[0]), found[2], axis=0)
    return ops.reshape(each, constant([-1, len(columns)]))


def _text(column: Part) -> Var:
    name = (column.names or ("?",))[0]
    message = f"a missing value in column {name!r}, which is categorical"
    if column.is_string:
        missing = [ops.equal(column.var, constant(sentinel)) for sentinel in SENTINELS]
        wrong = cast(ops.or_(ops.or_(missing[0], missing[1]), missing[2]), np.int64)
        return ops.string_concat(column.var, gather_or_refuse(np.array([""]), wrong, message))
    if column.datetime or (column.dtype.kind == "f" and column.categories is None):
        raise UnsupportedError(
            f"column {name!r}",
            expected="text, whole numbers or booleans: it is a categorical feature",
            got="datetimes" if column.datetime else str(column.dtype),
            hint="give a sample with the types that the model was trained on",
        )
    x = column.var
    if column.dtype.kind == "f":
        wrong = cast(ops.isnan(x), np.int64)
        x = ops.add(cast(x, np.int64), gather_or_refuse(np.zeros(1, np.int64), wrong, message))
    return ops.cast(x if column.dtype == np.uint64 else cast(x, np.int64), to=np.str_)


def one_hot(hashed: Var, pairs: Sequence[tuple[int, int]]) -> Var:
    """1.0 where the column has the hash, float32 [N, P]. pairs: a column of `hashed` and a hash."""
    columns, values = np.array(pairs, np.int64).T
    return cast(ops.equal(ops.gather(hashed, constant(columns), axis=1), constant(values[None, :])), np.float32)


def statistics(ctrs: Sequence[Ctr], combined: dict[Projection, Var]) -> Var:
    """The statistics of each row, float32 [N, C]. combined: the hash of each projection, int64 [N, 1].

    Those of one table are looked up together.
    """
    tables: dict[int, list[int]] = {}
    for number, ctr in enumerate(ctrs):
        tables.setdefault(id(ctr.keys), []).append(number)
    found = []
    for members in tables.values():
        first = ctrs[members[0]]
        count = len(first.keys)
        place = ops.label_encoder(
            combined[first.projection],
            keys_int64s=first.keys.tolist(),
            values_int64s=list(range(count)),
            default_int64=count,
        )
        values = np.stack([ctrs[m].values for m in members], axis=1)
        found.append(ops.gather(constant(values), ops.reshape(place, constant([-1])), axis=0))
    order = np.argsort([m for members in tables.values() for m in members])
    together = concat(found)
    return together if (np.diff(order) == 1).all() else ops.gather(together, constant(order), axis=1)


def combined_hash(parts: Sequence[Var]) -> Var:
    """The hash of a projection, int64 [N, 1]. parts: hashes, and 0 or 1 for conditions, each int64 [N, 1].

    Source: `CalcHashes` in catboost/libs/model/ctr_provider.h.
    """
    total = times(parts[0], FACTOR * FACTOR)
    for part in parts[1:]:
        total = times(ops.add(total, times(part, FACTOR)), FACTOR)
    return total
