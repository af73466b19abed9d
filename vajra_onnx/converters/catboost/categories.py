"""Categorical columns: from values to the hashes by which CatBoost knows categories."""

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
from .city import category_hash


def hashes(columns: Sequence[Part]) -> Var:
    """The hash of each category, a signed number of 32 bits: int64 [C, N], a column a row. columns: C of them, each [N, 1].

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
    text = concat([_text(column) for column in columns], axis=0)
    found = ops.unique(ops.reshape(text, constant([-1])))
    each = ops.gather(category_hash(found[0]), found[2], axis=0)
    return ops.reshape(each, constant([len(columns), -1]))


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


def holds(hashed: Var, pairs: Sequence[tuple[int, int]]) -> Var:
    """Where a row of `hashed` has a certain hash, bool [P, N]. pairs: the number of the row, and the hash."""
    rows, values = np.array(pairs, np.int64).T
    return ops.equal(ops.gather(hashed, constant(rows), axis=0), constant(values[:, None]))
