"""keras.layers.attention: heads side by side over one axis of time, MultiHeadAttention and GroupedQueryAttention.
Source: `keras.src.layers.attention` and `keras.src.backend.tensorflow.nn.dot_product_attention`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor, shape_of
from ..values import floats, ints
from .attention_axes import attended_axes
from .heads import heads_of, joined_heads, path_of


@emits("MultiHeadAttention")
def multi_head(
    layer: Layer,
    query: Tensor,
    value: Tensor,
    key: Tensor | None = None,
    query_mask: Tensor | None = None,
    value_mask: Tensor | None = None,
    key_mask: Tensor | None = None,
    attention_mask: Tensor | None = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
) -> list[Tensor]:
    """As many heads of the values as of the queries. Keras overlooks an explicit mask of the queries for their own."""
    layer.ignore("num_heads", "key_dim", "value_dim", "output_shape")
    value = value if value_mask is None else value.masked(value_mask.var)
    if key_mask is not None:
        key = (value.masked(None) if key is None else key).masked(key_mask.var)
    axes = layer.get("attention_axes")
    if query.rank != 3 or (axes is not None and [a % query.rank for a in axes] != [1]):
        masked = use_causal_mask or attention_mask is not None or layer.get("sliding_window") is not None
        if masked or any(t is not None and t.mask is not None for t in (query, value, key)):
            raise UnsupportedError(
                "MultiHeadAttention with a mask", expected="[N, T, F], over its steps", got=f"{query.rank} axes"
            )
        return attended_axes(layer, query, value, key, return_attention_scores)
    return _attended(layer, query, value, key, attention_mask, return_attention_scores, use_causal_mask)


@emits("GroupedQueryAttention", "GroupQueryAttention")  # its name, and the one by which it is exported
def grouped_query(
    layer: Layer,
    query: Tensor,
    value: Tensor,
    key: Tensor | None = None,
    attention_mask: Tensor | None = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
) -> list[Tensor]:
    """Every head of the values serves several of the queries."""
    layer.ignore("head_dim", "num_query_heads", "num_key_value_heads")
    if attention_mask is not None and attention_mask.dtype != np.bool_:  # Keras asks for > 0.5 in one of its two ways
        raise UnsupportedError("GroupedQueryAttention(attention_mask)", expected="booleans", got=str(attention_mask.dtype))
    return _attended(layer, query, value, key, attention_mask, return_attention_scores, use_causal_mask)


def _attended(
    layer: Layer, query: Tensor, value: Tensor, key: Tensor | None, explicit: Tensor | None, with_scores: bool, causally: bool
) -> list[Tensor]:
    """The mixed values, and the weights where they are asked for.

    A row without any step to look at gets the mean of all steps, or zeros where Keras takes its other way: where the layer has
    dropout, or answers with the weights.
    """
    sources = (query, value if key is None else key, value)
    q, k, v = (heads_of(layer, f"{w}_dense", floats(layer, x).var) for w, x in zip(_PARTS, sources, strict=True))
    heads, size = layer.weight(path_of(layer, "query_dense", 0)).shape[1:]
    k, v = (_repeated(layer, f"{w}_dense", var, heads) for w, var in (("key", k), ("value", v)))
    scores = ops.matmul(
        ops.mul(ops.transpose(q, perm=[0, 2, 1, 3]), constant_like(q, 1 / np.sqrt(size))), ops.transpose(k, perm=[0, 2, 3, 1])
    )
    masks = _masks(query, value, key, explicit) + ([causal(query.var, value.var)] if causally else [])
    window = layer.get("sliding_window")
    masks += [] if window is None else [_near(query.var, value.var, window)]
    weights = _weighed(scores, masks, zeros=layer.get("dropout", 0.0) > 0 or with_scores)
    mixed = ops.transpose(ops.matmul(weights, ops.transpose(v, perm=[0, 2, 1, 3])), perm=[0, 2, 1, 3])
    if layer.get("use_gate", False):
        mixed = ops.mul(mixed, ops.sigmoid(heads_of(layer, "gate_dense", floats(layer, query).var)))
    result = Tensor.of(joined_heads(layer, mixed), mask=query.mask)
    return [result, Tensor.of(weights)] if with_scores else [result]


_PARTS = ("query", "key", "value")


def _repeated(layer: Layer, name: str, x: Var, heads: int) -> Var:
    """[N, T, fewer, size] as [N, T, heads, size]: every head several times, one after the other."""
    fewer = layer.weight(path_of(layer, name, 0)).shape[1]
    return x if fewer == heads else ops.gather(x, ints(np.repeat(np.arange(fewer), heads // fewer).tolist()), axis=2)


def _masks(query: Tensor, value: Tensor, key: Tensor | None, explicit: Tensor | None) -> list[Var]:
    """Which steps may look at which, each mask as [N | 1, T | 1, S | 1] booleans; an explicit one may be [N, heads, T, S]."""
    masks = [] if query.mask is None else [ops.unsqueeze(query.mask, ints(2))]
    masks += [ops.unsqueeze(t.mask, ints(1)) for t in (value, key) if t is not None and t.mask is not None]
    if explicit is not None:
        masks.append(cast(explicit.var, np.bool_))
    return masks


def causal(query: Var, value: Var) -> Var:
    """[1, T, S]: every step looks at itself and at those before it."""
    rows, columns = _steps(query, value)
    return ops.greater_or_equal(rows, columns)


def _near(query: Var, value: Var, window: int) -> Var:
    """[1, T, S]: every step looks at those less than `window` steps away."""
    distance = ops.abs(ops.sub(*_steps(query, value)))
    return ops.less(distance, constant_like(distance, window))


def _steps(query: Var, value: Var) -> tuple[Var, Var]:
    """The places of the steps, [1, T, 1] and [1, 1, S]."""
    rows, columns = (_places(ops.shape(x, start=1, end=2)) for x in (query, value))
    return ops.unsqueeze(rows, ints([0, 2])), ops.unsqueeze(columns, ints([0, 1]))


def _places(size: Var) -> Var:
    return ops.range(constant_like(size, 0), ops.squeeze(size, ints(0)), constant_like(size, 1))


def _weighed(scores: Var, masks: Sequence[Var], *, zeros: bool) -> Var:
    """Softmax over what may be looked at. scores: [N, heads, T, S]. zeros: what is masked weighs 0 even where all of it is."""
    if not masks:
        return ops.softmax(scores, axis=-1)
    ranks = {len(shape_of(mask)) for mask in masks}
    if not (ranks == {3} or (ranks == {4} and len(masks) == 1)):
        raise UnsupportedError("attention_mask", expected="[N, T, S], or [N, heads, T, S] alone", got=f"{max(ranks)} axes")
    allowed = reduce(ops.and_, masks)
    allowed = ops.unsqueeze(allowed, ints(1)) if ranks == {3} else allowed
    weights = ops.softmax(ops.where(allowed, scores, constant_like(scores, -1e9)), axis=-1)
    return ops.where(allowed, weights, constant_like(scores, 0)) if zeros else weights
