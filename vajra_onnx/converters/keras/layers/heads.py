"""The products of attention with heads: to the heads, and from them.
Source: `keras.src.layers.attention.multi_head_attention`."""

from __future__ import annotations

from spox import Var

from ....graph import ops
from ....graph.values import constant_like
from ..layer import Layer
from ..tensor import shape_of
from ..values import ints


def heads_of(layer: Layer, name: str, x: Var) -> Var:
    """[N, T, F], or more axes before the last, as [N, T, heads, size], by one of the layer's products."""
    kernel = layer.weight(path_of(layer, name, 0))
    result = ops.matmul(x, constant_like(x, kernel.reshape(kernel.shape[0], -1)))
    if layer.get("use_bias", True):
        result = ops.add(result, constant_like(result, layer.weight(path_of(layer, name, 1)).reshape(-1)))
    return ops.reshape(result, ints([0] * (len(shape_of(x)) - 1) + list(kernel.shape[1:])))


def joined_heads(layer: Layer, mixed: Var) -> Var:
    """[N, T, heads, size] as [N, T, F], by the last product."""
    kernel = layer.weight(path_of(layer, "output_dense", 0))
    before = [0] * (len(shape_of(mixed)) - 2)
    flat = ops.reshape(mixed, ints([*before, kernel.shape[0] * kernel.shape[1]]))
    result = ops.matmul(flat, constant_like(flat, kernel.reshape(kernel.shape[0] * kernel.shape[1], -1)))
    if layer.get("use_bias", True):
        result = ops.add(result, constant_like(result, layer.weight(path_of(layer, "output_dense", 1)).reshape(-1)))
    return result if kernel.ndim == 3 else ops.reshape(result, ints([*before, *kernel.shape[2:]]))


def path_of(layer: Layer, name: str, index: int) -> str:
    """Where the file has a product's weights: under the attribute that Keras walked first."""
    plain = f"{name}/vars/{index}"
    return plain if plain in layer.store.weights else f"_{plain}"
