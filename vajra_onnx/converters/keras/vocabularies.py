"""Vocabularies of adapted layers that do not come back from the text file, one token a line, in which Keras saves them: some line
breaks, and NUL at the end of a token, which numpy drops on its way there."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras.src.layers.preprocessing.index_lookup import IndexLookup

from ...errors import ArtifactError
from .layers.preprocessing.lookup import lines_of


def refuse_lost_tokens(model: Any) -> None:
    """Raises ArtifactError for an adapted layer of text, anywhere in the model, whose tokens are not those that its file has."""
    for layer in model._flatten_layers():
        if isinstance(layer, IndexLookup) and layer.vocabulary_dtype == "string" and layer.input_vocabulary is None:
            tokens = _tokens(layer)
            special = [layer.mask_token] * layer._oov_start_index() + [layer.oov_token] * layer.num_oov_indices
            saved = special + [token.rstrip("\0") for token in tokens]
            if lines_of("\n".join(saved), len(saved)) != special + tokens:
                odd = next((token for token in tokens if token.endswith("\0") or "\n" in token or "\r" in token), "")
                hint = "Keras saves one token a line; pass them as vocabulary=[...]"
                raise ArtifactError("a vocabulary that its file does not hold", got=repr(odd), where=layer.name, hint=hint)


def _tokens(layer: Any) -> list[str]:
    """In their order; none before the layer is adapted."""
    try:
        keys, values = (tensor.numpy() for tensor in layer.lookup_table.export())
    except tf.errors.OpError:
        return []
    indices, tokens = (keys, values) if layer.invert else (values, keys)
    return [tokens[i].decode(errors="replace") for i in indices.argsort()]
