"""Hashes of text beside TensorFlow's own: every length up to three blocks of FarmHash, text of all planes, one row at a time."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import numpy as np
import onnxruntime
import spox
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor

from vajra_onnx.converters.keras.hashes.buckets import buckets
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building

COUNT = 2**62 + 3  # nearly all bits of a hash show in its bucket
SALTS = (None, [1, 2], [-5, 2**63 - 1])


def _hasher(salt):
    with building() as target:
        x = spox.argument(Tensor(np.str_, ("N",)))
        proto = build(target, {"x": x}, {"y": buckets(x, COUNT, salt)})
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return lambda texts: session.run(None, {"x": np.array(texts, object)})[0].tolist()


HASHERS = {str(salt): (_hasher(salt), salt) for salt in SALTS}


def _expected(texts, salt):
    if salt is None:
        return tf.strings.to_hash_bucket_fast(texts, COUNT).numpy().tolist()
    return tf.strings.to_hash_bucket_strong(texts, COUNT, key=salt).numpy().tolist()


@pytest.mark.parametrize("name", HASHERS)
def test_every_length(name):
    hasher, salt = HASHERS[name]
    rng = random.Random(0)
    texts = ["x" * n for n in range(200)]
    texts += ["".join(rng.choice("aZ é€😀żш日\t\x01!") for _ in range(n)) for n in range(1, 120)]
    assert hasher(texts) == _expected(texts, salt)
    for size in (1, 3, 7):
        some = rng.sample(texts, size)
        assert hasher(some) == _expected(some, salt)


@pytest.mark.parametrize("name", HASHERS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufdd0")), min_size=1, max_size=7))
def test_any_text(name, texts):
    hasher, salt = HASHERS[name]
    assert hasher(texts) == _expected(texts, salt)
