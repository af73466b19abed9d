"""MultiHeadAttention over other axes than one of time, `attention_axes`, of inputs of any rank. Without masks.
Source: `keras.src.layers.attention.multi_head_attention._build_attention_equation`."""

from __future__ import annotations

import math

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, ints
from .heads import heads_of, joined_heads


def attended_axes(layer: Layer, query: Tensor, value: Tensor, key: Tensor | None, with_scores: bool) -> list[Tensor]:
    """The mixed values, and the weights where they are asked for. The entries of all axes of attention look at each other; those
    of other axes each have an attention of their own. Inputs: [N, ..., F], all sizes but the batch's fixed."""
    layer.ignore("dropout")
    axes = layer.get("attention_axes") or range(1, query.rank - 1)
    axes = [a % query.rank for a in axes]
    free = [a for a in range(1, query.rank - 1) if a not in axes]
    sources = (query, value if key is None else key, value)
    if any(x.rank != query.rank or None in x.shape[1:] for x in sources):
        got = " and ".join(str(x.shape) for x in sources)
        raise UnsupportedError("MultiHeadAttention over several axes", expected="fixed sizes of as many axes", got=got)
    parts = [heads_of(layer, f"{w}_dense", floats(layer, x).var) for w, x in zip(("query", "key", "value"), sources, strict=True)]
    sizes = [[int(x.shape[a] or 0) for a in axes] for x in sources]
    order = [0, *free, query.rank - 1, *axes, query.rank]
    q, k, v = (_flat(part, order, len(free) + 2, math.prod(n)) for part, n in zip(parts, sizes, strict=True))
    scores = ops.matmul(ops.mul(q, constant_like(q, 1 / np.sqrt(_last(q)))), _turned(k))
    weights = ops.softmax(scores, axis=-1)
    kept = [0] * (len(free) + 2)
    mixed = ops.reshape(ops.matmul(weights, v), ints([*kept, *sizes[0], _last(v)]))
    mixed = ops.transpose(mixed, perm=np.argsort(order).tolist())
    if layer.get("use_gate", False):
        mixed = ops.mul(mixed, ops.sigmoid(heads_of(layer, "gate_dense", floats(layer, query).var)))
    result = Tensor.of(joined_heads(layer, mixed))
    return [result, Tensor.of(ops.reshape(weights, ints([*kept, *sizes[0], *sizes[1]])))] if with_scores else [result]


def _flat(x: Var, order: list[int], kept: int, count: int) -> Var:
    """[N, ..., heads, size] as [N, *free, heads, entries, size]."""
    moved = ops.transpose(x, perm=order)
    return ops.reshape(moved, ints([*[0] * kept, count, _last(x)]))


def _last(x: Var) -> int:
    return int((x.unwrap_tensor().shape or (0,))[-1] or 0)


def _turned(x: Var) -> Var:
    rank = len(x.unwrap_tensor().shape or ())
    return ops.transpose(x, perm=[*range(rank - 2), rank - 1, rank - 2])
