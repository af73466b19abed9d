"""TextVectorization: a text to the numbers of its words, characters or n-grams.
Source: `keras.src.layers.preprocessing.text_vectorization`.

It is TensorFlow's text: lower case and punctuation are ASCII's alone, words end at the six blanks of ASCII.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import contrib, ops
from .....graph.text.arrangement import filled, joined, look_up
from .....graph.text.marks import unmarked
from .....graph.values import concat
from ...emit import emits
from ...layer import Layer
from ...refusal import UndecidedError
from ...tensor import Tensor
from ...values import ints
from .encoding import NOWHERE, encoded
from .lookup import UTF8, depth_of, tokens_of, weights_of
from .ngrams import ngrams, ngrams_of_rows

MASK, UNKNOWN = "", "[UNK]"
LOWER, STRIP = ("lower", "lower_and_strip_punctuation"), ("strip_punctuation", "lower_and_strip_punctuation")
# RE2 for runs of what is no ASCII punctuation, and of what is no ASCII blank.
NO_PUNCTUATION = r"[\x{0}-\x{20}0-9A-Za-z\x{7f}-\x{10ffff}]+"
NO_BLANKS = r"[\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{10ffff}]+"
TWICE = "_lookup_layer/vars/idf_weights"


@emits("TextVectorization", rounds=False, converts=False)
def text_vectorization(layer: Layer, inputs: Tensor) -> Tensor:
    """int: [..., T] numbers of tokens, T that of the batch's longest text, or the length that the layer has; zeros behind them.
    multi_hot, count, tf_idf: [N, depth]. one_hot, of what is not split: [..., depth]."""
    layer.ignore("vocabulary_size", "output_sequence_length")
    layer.only("encoding", *UTF8)
    for key in ("ragged", "sparse"):
        layer.only(key, False)
    whole = layer.get("output_mode", "int") == "int"
    tokens = _tokens(layer, inputs, whole)
    vocabulary = tokens_of(layer, True, [MASK] * whole + [UNKNOWN])
    table = {MASK: 0 if whole else NOWHERE} | {token: 1 + whole + i for i, token in enumerate(vocabulary)}
    index, depth = look_up(tokens, table, int(whole)), 1 + whole + len(vocabulary)
    width = depth_of(layer, depth)
    weights = weights_of(layer, depth, width)
    if TWICE in layer.store.weights:
        layer.weight(TWICE)  # the file has them below the layer, too
    return Tensor.of(_in_length(layer, index, inputs)) if whole else encoded(layer, index, width, "int64", weights)


def _tokens(layer: Layer, inputs: Tensor, in_front: bool) -> Var:
    """What is looked up of each text: [M, T], "" behind the tokens of each; in the shape of the inputs where nothing is split."""
    split = layer.get("split", "whitespace")
    _refuse(layer, inputs, layer.get("output_mode", "int"), split)
    flat, widths = _standardized(layer, unmarked(ops.reshape(inputs.var, ints(-1)))), _widths(layer)
    if split is None:
        known = [size for size in inputs.shape[1:] if size is not None]
        shape = ints([-1, *known]) if len(known) == inputs.rank - 1 else ops.shape(inputs.var)
        return ngrams(ops.reshape(flat, shape), widths)
    pieces = contrib.tokens(flat, NO_BLANKS) if split == "whitespace" else contrib.characters(flat)
    return ngrams_of_rows(pieces, widths, in_front)


def _in_length(layer: Layer, index: Var, inputs: Tensor) -> Var:
    """The numbers of each text in the layer's length, if it has one, and in the outer shape of the inputs."""
    length, outer = layer.get("output_sequence_length"), inputs.shape[:-1] or inputs.shape
    if length is not None:
        index = ops.slice(concat([index, filled(index, length, np.int64(0))], -1), ints(0), ints(length), ints(-1))
    sizes = [*outer[1:], length]
    if all(sizes):
        return ops.reshape(index, ints([-1, *sizes]))
    if len(outer) == 1:
        return index
    shape = concat([ops.shape(inputs.var, end=len(outer)), ops.shape(index, start=-1)], 0)
    return ops.reshape(index, shape, allowzero=1)  # the width is 0 where all texts are empty


def _refuse(layer: Layer, inputs: Tensor, mode: str, split: str | None) -> None:
    layer.only("split", "whitespace", "character", None)
    if inputs.dtype.kind != "U":
        raise UnsupportedError("TextVectorization", expected="text", got=str(inputs.dtype))
    if split is not None and inputs.rank > 1 and inputs.shape[-1] != 1:
        raise UnsupportedError(f"TextVectorization(split={split!r})", expected="a last axis of size 1", got=str(inputs.shape))
    if split is not None and (mode == "one_hot" or (mode != "int" and inputs.rank > 2)):
        raise UnsupportedError(f"TextVectorization(output_mode={mode!r}) of split text [N, ..., 1], which answers ragged tensors")
    if (
        split is None
        and inputs.rank == 1
        and (mode not in ("int", "one_hot") or layer.get("ngrams") or layer.get("output_sequence_length"))
    ):
        raise UndecidedError("TextVectorization(split=None) of [N], which makes one row of the batch", expected="[N, T]")


def _standardized(layer: Layer, text: Var) -> Var:
    """The texts in lower case and without punctuation, as the layer says. text: [M]; it stays."""
    layer.only("standardize", "lower_and_strip_punctuation", "lower", "strip_punctuation", None)
    how = layer.get("standardize", STRIP[1])
    if how in LOWER:
        text = ops.string_normalizer(text, case_change_action="LOWER", is_case_sensitive=1, locale="C")
    if how not in STRIP:
        return text
    pieces = contrib.tokens(text, NO_PUNCTUATION)
    return joined(concat([pieces, filled(pieces, 1, "")]))


def _widths(layer: Layer) -> list[int]:
    ngrams = layer.get("ngrams")
    return list(range(1, ngrams + 1)) if isinstance(ngrams, int) else [1] if ngrams is None else list(ngrams)
