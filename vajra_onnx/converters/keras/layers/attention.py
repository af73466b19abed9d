"""keras.layers.attention. Source: `keras.src.layers.attention`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor
from ..values import floats, ints


@emits("MultiHeadAttention")
def multi_head(
    layer: Layer,
    query: Tensor,
    value: Tensor,
    key: Tensor | None = None,
    attention_mask: Tensor | None = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
) -> Tensor:
    """Heads side by side over one axis of time. A row without any step to look at gets the mean of all steps, or zeros where the
    layer has dropout: Keras takes another way then."""
    layer.ignore("num_heads", "key_dim", "value_dim", "output_shape")
    layer.only("use_gate", False)
    layer.only("sliding_window", None)
    if layer.get("attention_axes") not in (None, [1]) or query.rank != 3 or return_attention_scores:
        raise UnsupportedError("MultiHeadAttention", expected="[N, T, F], over its steps, without the scores")
    source = value if key is None else key
    q, k, v = (_heads(layer, f"{w}_dense", floats(layer, x).var) for w, x in zip(_PARTS, (query, source, value), strict=True))
    size = layer.weight(_path(layer, "query_dense", 0)).shape[-1]
    scores = ops.matmul(
        ops.mul(ops.transpose(q, perm=[0, 2, 1, 3]), constant_like(q, 1 / np.sqrt(size))), ops.transpose(k, perm=[0, 2, 3, 1])
    )
    masks = _masks(query, value, key, attention_mask) + ([_causal(query.var, value.var)] if use_causal_mask else [])
    weights = _weighed(scores, masks, zeros=layer.get("dropout", 0.0) > 0)
    mixed = ops.transpose(ops.matmul(weights, ops.transpose(v, perm=[0, 2, 1, 3])), perm=[0, 2, 1, 3])
    kernel = layer.weight(_path(layer, "output_dense", 0))
    flat = ops.reshape(mixed, ints([0, 0, kernel.shape[0] * kernel.shape[1]]))
    if kernel.ndim != 3:
        raise UnsupportedError("MultiHeadAttention(output_shape=...)", expected="one size", got=str(kernel.shape[2:]))
    result = ops.matmul(flat, constant_like(flat, kernel.reshape(-1, kernel.shape[2])))
    if layer.get("use_bias", True):
        result = ops.add(result, constant_like(result, layer.weight(_path(layer, "output_dense", 1))))
    return Tensor.of(result, mask=query.mask)


_PARTS = ("query", "key", "value")


def _heads(layer: Layer, name: str, x: Var) -> Var:
    """[N, T, F] as [N, T, heads, size], by one of the layer's products."""
    kernel = layer.weight(_path(layer, name, 0))
    result = ops.matmul(x, constant_like(x, kernel.reshape(kernel.shape[0], -1)))
    if layer.get("use_bias", True):
        result = ops.add(result, constant_like(result, layer.weight(_path(layer, name, 1)).reshape(-1)))
    return ops.reshape(result, ints([0, 0, *kernel.shape[1:]]))


def _path(layer: Layer, name: str, index: int) -> str:
    """Where the file has a product's weights: under the attribute that Keras walked first."""
    plain = f"{name}/vars/{index}"
    return plain if plain in layer.store.weights else f"_{plain}"


def _masks(query: Tensor, value: Tensor, key: Tensor | None, explicit: Tensor | None) -> list[Var]:
    """Which steps may look at which, each mask as [N | 1, T | 1, S | 1] booleans."""
    masks = [] if query.mask is None else [ops.unsqueeze(query.mask, ints(2))]
    masks += [ops.unsqueeze(t.mask, ints(1)) for t in (value, key) if t is not None and t.mask is not None]
    if explicit is not None:
        if explicit.rank != 3:
            raise UnsupportedError("attention_mask", expected="[N, T, S]", got=f"{explicit.rank} axes")
        masks.append(ops.cast(explicit.var, to=np.bool_))
    return masks


def _causal(query: Var, value: Var) -> Var:
    """[1, T, S]: every step looks at itself and at those before it."""
    rows, columns = (_places(ops.shape(x, start=1, end=2)) for x in (query, value))
    allowed = ops.greater_or_equal(ops.unsqueeze(rows, ints(1)), ops.unsqueeze(columns, ints(0)))
    return ops.unsqueeze(allowed, ints(0))


def _places(size: Var) -> Var:
    return ops.range(constant_like(size, 0), ops.squeeze(size, ints(0)), constant_like(size, 1))


def _weighed(scores: Var, masks: Sequence[Var], *, zeros: bool) -> Var:
    """Softmax over what may be looked at. scores: [N, heads, T, S]. zeros: what is masked weighs 0 even where all of it is."""
    if not masks:
        return ops.softmax(scores, axis=-1)
    allowed = ops.unsqueeze(reduce(ops.and_, masks), ints(1))
    weights = ops.softmax(ops.where(allowed, scores, constant_like(scores, -1e9)), axis=-1)
    return ops.where(allowed, weights, constant_like(scores, 0)) if zeros else weights
