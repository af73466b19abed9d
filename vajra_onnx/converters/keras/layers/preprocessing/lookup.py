"""StringLookup and IntegerLookup: a vocabulary's token to its index, and back.
Source: `keras.src.layers.preprocessing.index_lookup`.

Indices are the mask's (0, only with whole numbers as output), then those of tokens out of vocabulary, then the tokens'.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from .....errors import ArtifactError, UnsupportedError
from .....frames.missing import encode_text
from .....graph import ops
from .....graph.refuse import gather_or_refuse
from .....graph.values import cast, constant, constant_like
from ...emit import emits
from ...hashes.buckets import buckets as hash_buckets
from ...layer import Layer
from ...tensor import Tensor
from .encoding import NOWHERE, encoded

UTF8 = ("utf-8", "UTF-8", "utf8")  # what the file's vocabulary is in; others spoil it when Keras saves them


@emits("StringLookup", "IntegerLookup", rounds=False, converts=False)
def lookup(layer: Layer, x: Tensor) -> Tensor:
    """The index of each token, or the token of each index, in the layer's output mode."""
    layer.ignore("vocabulary_size", "vocabulary_dtype")
    layer.only("encoding", *UTF8)
    text = layer.class_name == "StringLookup"
    mask, buckets = layer.get("mask_token"), layer.get("num_oov_indices", 1)
    masked = mask is not None and layer.get("output_mode", "int") == "int"
    tokens, start = tokens_of(layer, text, ([mask] if masked else []) + [layer.get("oov_token")] * buckets), int(masked) + buckets
    if layer.get("invert", False):
        layer.only("output_mode", "int")
        layer.ignore("max_tokens", "pad_to_max_tokens", "idf_weights", "sparse", "oov_method", "salt")
        return Tensor.of(_inverted(layer, x.var, tokens, start, text, mask if masked else None))
    known = [mask] if mask is not None and buckets == 0 and mask not in tokens else []  # what a strict layer does not refuse
    index = _indices(layer, _keys(x, text), tokens + known, start, int(masked))
    if mask is not None:
        here = ops.equal(_keys(x, text), constant(np.array(encode_text(mask) if text else mask, np.str_ if text else np.int64)))
        index = ops.where(here, constant(np.int64(0 if masked else NOWHERE)), index)
    depth = start + len(tokens)
    width = depth_of(layer, depth)
    return encoded(layer, index, width, "int64", weights_of(layer, depth, width))


def depth_of(layer: Layer, known: int) -> int:
    """The width of a vector: that of the vocabulary with its special tokens, or more where it is padded."""
    most = layer.get("max_tokens")
    return int(most) if layer.get("pad_to_max_tokens", False) and most else known


def _keys(x: Tensor, text: bool) -> Var:
    if text != (x.dtype.kind == "U"):
        raise UnsupportedError("lookup", expected="text" if text else "whole numbers", got=str(x.dtype))
    return x.var if text else cast(x.var, np.int64)


def tokens_of(layer: Layer, text: bool, special: list[Any]) -> list[Any]:
    """The vocabulary without the special tokens at its beginning: given as a parameter, or in the file of an adapted layer."""
    tokens: Any = layer.get("vocabulary")
    if tokens is None:
        if "vocabulary.txt" not in layer.store.assets:
            raise ArtifactError("the file has no vocabulary", where=layer.label)
        size = layer.get("vocabulary_size")
        lines = lines_of(layer.store.assets["vocabulary.txt"].decode(), size)
        if size is not None and len(lines) != size:  # a line break in a token
            raise ArtifactError("vocabulary.txt", expected=f"{size} tokens", got=f"{len(lines)} lines", where=layer.label)
        tokens = lines if text else [int(line) for line in lines]
    elif text:
        tokens = [token.rstrip("\0") for token in tokens]  # as numpy, which holds them on their way into Keras' table
    found = list(tokens[len(special) :] if special and list(tokens[: len(special)]) == special else tokens)
    if len(set(found)) < len(found):
        twice = next(token for token in found if found.count(token) > 1)
        raise ArtifactError("a token that is twice in the vocabulary", got=repr(twice), where=layer.label)
    return found


def lines_of(content: str, size: int | None) -> list[str]:
    """The tokens of a vocabulary.txt, one a line. More lines than tokens: a token that is a line break has left two empty ones.

    When Keras reads the file, it breaks lines at more characters than when it wrote it.
    """
    lines = content.split("\n")
    if len(lines) > 1 and all(line.endswith("\r") for line in lines[:-1]):  # written on Windows
        lines = [line.removesuffix("\r") for line in lines]
    if size is None or len(lines) == size:
        return lines
    places = [i for i in range(1, len(lines)) if lines[i - 1] == lines[i] == ""]
    if len(places) != 1 or len(lines) != size + 1:  # three in a row may be an empty token before a line break, or behind it
        return lines
    return [*lines[: places[0] - 1], "\n", *lines[places[0] + 1 :]]


def _indices(layer: Layer, keys: Var, tokens: list[Any], start: int, first: int) -> Var:
    """int64 indices; those of tokens out of vocabulary as the layer says."""
    text, buckets = layer.class_name == "StringLookup", layer.get("num_oov_indices", 1)
    method, salt = layer.get("oov_method", "floormod"), layer.get("salt")
    values = list(range(start, start + len(tokens)))
    default = first if buckets == 1 else NOWHERE
    names: dict[str, Any] = {"keys_strings": _encoded(tokens)} if text else {"keys_int64s": tokens}
    found = ops.label_encoder(keys, **names, values_int64s=values, default_int64=default)
    if buckets == 1:
        return found
    unknown = ops.equal(found, constant_like(found, NOWHERE))
    if buckets == 0:
        table = np.zeros(1, np.int64)
        refusal = gather_or_refuse(table, cast(unknown, np.int64), f"a token that is not in the vocabulary of {layer.name}")
        return ops.add(found, refusal)
    bucket = hash_buckets(keys, buckets, salt) if text or method == "farmhash" else ops.mod(keys, constant_like(keys, buckets))
    return ops.where(unknown, ops.add(bucket, constant(np.int64(first))), found)


def _inverted(layer: Layer, index: Var, tokens: list[Any], start: int, text: bool, mask: Any) -> Var:
    keys = list(range(start, start + len(tokens))) + ([0] if mask is not None else [])
    values = tokens + ([mask] if mask is not None else [])
    names: dict[str, Any] = {"values_strings": _encoded(values)} if text else {"values_int64s": values}
    unknown = layer.get("oov_token")
    default: dict[str, Any] = {"default_string": encode_text(unknown)} if text else {"default_int64": unknown}
    return ops.label_encoder(cast(index, np.int64), keys_int64s=keys, **names, **default)


def _encoded(tokens: list[str]) -> list[str]:
    """Tokens as the graph is fed with them, and answers them."""
    return [str(encode_text(token)) for token in tokens]


def weights_of(layer: Layer, depth: int, width: int) -> np.ndarray | None:
    """The weights of tf_idf for the whole vector: tokens out of vocabulary weigh the average, what is padded nothing."""
    given = layer.get("idf_weights")
    if layer.get("output_mode", "int") != "tf_idf":
        return None
    if given is None or "vars/idf_weights" in layer.store.weights:
        given = layer.weight("vars/idf_weights")
    weights = np.asarray(given, np.float64)
    missing = depth - len(weights)
    if missing > 0:
        weights = np.concatenate([np.full(missing, np.average(weights)), weights])
    return np.concatenate([weights, np.zeros(max(width - len(weights), 0))]).astype(np.float32)
