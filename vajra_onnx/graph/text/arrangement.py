"""Tensors of strings: looked up, compared, put side by side, closed up, joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from spox import Var

from .. import ops
from ..block import INT64_MAX
from ..values import cast, concat, constant


def look_up(x: Var, table: Mapping[str, int], default: int) -> Var:
    """`table[x]` as int64, `default` for what is not in it. Keys are an attribute: numpy's strings lose a NUL at their end."""
    return ops.label_encoder(x, keys_strings=list(table), values_int64s=list(table.values()), default_int64=default)


def look_up_text(x: Var, table: Mapping[str, str], default: str) -> Var:
    """`table[x]`, `default` for what is not in it."""
    return ops.label_encoder(x, keys_strings=list(table), values_strings=list(table.values()), default_string=default)


def equals(x: Var, text: str) -> Var:
    """Where `x` is this text."""
    return ops.equal(x, constant(text))


def replaced(x: Var, where: Var, text: str) -> Var:
    """`x`, but this text where the mask says so."""
    return ops.where(where, constant(text), x)


def span(x: Var, start: int, end: int, axis: int = -1, step: int = 1) -> Var:
    """`x[start:end:step]` along the last axis; an end of 0 is the end of the axis."""
    return ops.slice(x, constant([start]), constant([end or INT64_MAX]), constant([axis]), constant([step]))


def filled(x: Var, columns: int, value: str | np.generic) -> Var:
    """This value in the shape of `x` but for the last axis, which has `columns`."""
    shape = ops.concat([ops.shape(x, end=-1), constant([columns])], axis=0)
    return ops.expand(constant(value), shape)


def compacted(x: Var, keep: Var, none: str | np.generic) -> Var:
    """What is to keep moved to the front of its row, in its order, `none` behind it. x, keep: [N, T] -> [N, T]."""
    # Where each kept value goes; all others go to a column of their own at the end, which is cut off.
    width = ops.shape(x, start=1)
    place = ops.where(keep, ops.sub(ops.cumsum(cast(keep, np.int64), constant(1)), constant(1)), width)
    source = ops.expand(ops.range(constant(0), ops.squeeze(width), constant(1)), ops.shape(x))
    nowhere = ops.expand(width, ops.concat([ops.shape(x, end=1), ops.add(width, constant([1]))], axis=0))
    order = ops.scatter_elements(nowhere, place, source, axis=1)
    return ops.gather_elements(concat([x, filled(x, 1, none)]), span(order, 0, -1), axis=1)


def joined(x: Var) -> Var:
    """Every row as one string. x: [N, L], L at least 1 -> [N]. Neighbours join until one column is left."""

    def halved(_: Var, __: Var, pieces: Var) -> list[Var]:
        odd = span(concat([pieces, filled(pieces, 1, "")]), 1, 0, step=2)
        pairs = ops.string_concat(span(pieces, 0, 0, step=2), odd)
        return [_several(pairs), pairs]

    return ops.squeeze(ops.loop(None, _several(x), [x], body=halved)[0], constant([1]))


def changed_where(text: Var, source: Var, where: Var, change: Callable[[Var], Var]) -> Var:
    """`text`, but what `change` makes of `source` where the mask says so; all [N]. Where it never does, that costs nothing."""

    def with_others() -> list[Var]:
        place = ops.transpose(ops.non_zero(where))  # [K, 1]
        rows = ops.gather(source, ops.squeeze(place, constant([1])), axis=0)
        return [ops.scatter_nd(text, place, change(rows))]

    return ops.if_(any_of(where), then_branch=with_others, else_branch=lambda: [ops.identity(text)])[0]


def any_of(mask: Var) -> Var:
    """Whether the mask says so anywhere, of rank 0."""
    return cast(ops.reduce_max(cast(mask, np.int64), keepdims=0), np.bool_)


def _several(x: Var) -> Var:
    return ops.greater(ops.shape(x, start=1), constant([1]))
