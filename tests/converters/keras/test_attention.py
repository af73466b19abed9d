"""Attention where steps are masked, and rows in which all of them are."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers
from keras_nets import perturb

import vajra_onnx as vo

KINDS = {
    "heads": lambda: layers.MultiHeadAttention(2, 3),
    "heads-window": lambda: layers.MultiHeadAttention(2, 3, sliding_window=2),
    "grouped": lambda: layers.GroupQueryAttention(3, 4, 2),
    "grouped-dropout": lambda: layers.GroupQueryAttention(3, 4, 2, dropout=0.1),
    "dot": lambda: layers.Attention(use_scale=True),
    "sum": lambda: layers.Attention(score_mode="concat"),
    "additive": lambda: layers.AdditiveAttention(),
}


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_masked_steps(kind, causal, scores):
    ids, others = (keras.Input((n,), dtype="int32", name=name) for n, name in ((6, "ids"), (5, "others")))
    table = layers.Embedding(5, 4, mask_zero=True)
    x, y = table(ids), table(others)
    layer, options = KINDS[kind](), {"use_causal_mask": causal, "return_attention_scores": scores}
    results = layer([x, y], **options) if isinstance(layer, layers.Attention) else layer(x, y, **options)
    first, *weights = results if scores else [results]
    model = keras.Model([ids, others], [layers.GlobalAveragePooling1D()(first), *weights])  # the mean of what is not masked
    perturb(model)
    rng = np.random.default_rng(0)
    sample = {n: rng.integers(0, 3, (30, k)).astype(np.int32) for n, k in (("ids", 6), ("others", 5))}
    sample["ids"][:, 0], sample["others"][0] = 1, 0
    assert vo.convert(model, sample).certificate.passed
