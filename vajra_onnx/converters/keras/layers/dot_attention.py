"""keras.layers.attention: Attention and AdditiveAttention, which have no heads. Source: `keras.src.layers.attention`."""

from __future__ import annotations

from collections.abc import Sequence

from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, ints
from .attention import causal

Masks = Sequence[Tensor | None] | None


@emits("Attention")
def attention(
    layer: Layer,
    inputs: Sequence[Tensor],
    mask: Masks = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
) -> list[Tensor]:
    """Products of query and key, or the sum of tanh(query + key), either with a learned factor."""
    layer.only("score_mode", "dot", "concat")
    names = (["scale"] if layer.get("use_scale", False) else []) + (["sum"] if layer.get("score_mode") == "concat" else [])
    factors = dict(zip(names, layer.weights(len(names)), strict=True))
    query, key = _query_and_key(layer, inputs)
    if "sum" in factors:
        total = ops.reduce_sum(ops.tanh(_times(_pairs(query, key), factors.get("scale"))), ints(-1), keepdims=0)
        scores = _times(total, factors["sum"])
    else:
        scores = _times(ops.matmul(query, ops.transpose(key, perm=[0, 2, 1])), factors.get("scale"))
    return _answer(layer, scores, _masked(inputs, mask), return_attention_scores, use_causal_mask)


@emits("AdditiveAttention")
def additive(
    layer: Layer,
    inputs: Sequence[Tensor],
    mask: Masks = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
) -> list[Tensor]:
    """The sum of scale * tanh(query + key), a scale per feature."""
    pairs = ops.tanh(_pairs(*_query_and_key(layer, inputs)))
    scale = layer.weights(1)[0] if layer.get("use_scale", True) else None
    scores = ops.reduce_sum(_times(pairs, scale), ints(-1), keepdims=0)
    return _answer(layer, scores, _masked(inputs, mask), return_attention_scores, use_causal_mask)


def _query_and_key(layer: Layer, inputs: Sequence[Tensor]) -> tuple[Var, Var]:
    """inputs: query [N, T, F], value [N, S, G] and, where it is not the value, key [N, S, F]."""
    layer.ignore("dropout")
    if any(x.rank != 3 for x in inputs):
        raise UnsupportedError(layer.class_name, expected="[N, T, F]", got=f"{[x.rank for x in inputs]} axes")
    query, key = (floats(layer, x).var for x in (inputs[0], inputs[-1]))
    return query, key


def _pairs(query: Var, key: Var) -> Var:
    """[N, T, S, F]: every step of the query plus every step of the key."""
    return ops.add(ops.unsqueeze(query, ints(2)), ops.unsqueeze(key, ints(1)))


def _times(x: Var, factor: object) -> Var:
    return x if factor is None else ops.mul(x, constant_like(x, factor))  # type: ignore[arg-type]


def _masked(inputs: Sequence[Tensor], mask: Masks) -> list[Tensor]:
    """The inputs with the masks of the call, where it has any."""
    masks = [x.mask for x in inputs] if mask is None else [None if m is None else m.var for m in mask]
    return [x.masked(m) for x, m in zip(inputs, masks, strict=False)]


def _answer(layer: Layer, scores: Var, inputs: Sequence[Tensor], with_scores: bool, use_causal_mask: bool) -> list[Tensor]:
    """The values weighed by softmax, and the weights where they are asked for. Masked steps are lowered by 1e9, no more: a row
    that may look at nothing looks at everything."""
    query, value = inputs[0], inputs[1]
    masks = [] if value.mask is None else [ops.unsqueeze(value.mask, ints(1))]
    masks += [causal(query.var, inputs[-1].var)] if use_causal_mask else []
    if masks:
        allowed = masks[0] if len(masks) == 1 else ops.and_(*masks)
        scores = ops.where(allowed, scores, ops.sub(scores, constant_like(scores, 1e9)))
    weights = ops.softmax(scores, axis=-1)
    result = ops.matmul(weights, floats(layer, value).var)
    if query.mask is not None:
        result = ops.where(ops.unsqueeze(query.mask, ints(2)), result, constant_like(result, 0))
    return [Tensor.of(result, mask=query.mask), *([Tensor.of(weights)] if with_scores else [])]
