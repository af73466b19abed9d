"""Vocabularies of odd tokens: with the mark that begins encoded text in the graph, and with line breaks."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import vajra_onnx as vo
from vajra_onnx.errors import ArtifactError

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt
MARKED = ["\ufdd0x", "\ufdd0\ufdd0x", "x", "\ufdd0nan", "nan"]


@pytest.mark.parametrize(
    "options", [{}, {"num_oov_indices": 3}, {"mask_token": "\ufdd0x"}, {"output_mode": "multi_hot"}], ids=str
)
def test_a_token_that_begins_with_the_mark_is_found(options):
    data = keras.Input((1,), dtype="string")
    vocabulary = [token for token in MARKED if token != options.get("mask_token")]
    model = keras.Model(data, layers.StringLookup(vocabulary=vocabulary, **options)(data))
    texts = np.array([[t] for t in [*MARKED, "\ufdd0", "\ufdd0y", "None", ""]], dtype=object)
    artifact = vo.convert(model, texts)
    (got,) = vo.load(artifact).run(texts).values()
    np.testing.assert_array_equal(got, np.asarray(model(tf.constant([[t[0].encode()] for t in texts]))))


def test_a_token_that_begins_with_the_mark_is_answered():
    index = keras.Input((1,), dtype="int64")
    model = keras.Model(index, layers.StringLookup(vocabulary=MARKED, invert=True)(index))
    numbers = np.arange(7)[:, None]
    (got,) = vo.load(vo.convert(model, numbers)).run(numbers).values()
    assert [text.decode() for text in np.asarray(model(numbers)).ravel()] == got.ravel().tolist()


def test_missing_text_is_refused_as_keras_refuses_it():
    data = keras.Input((1,), dtype="string")
    model = keras.Model(data, layers.StringLookup(vocabulary=["a", "None", "nan"])(data))
    session = vo.load(vo.convert(model, np.array([["a"], ["b"]], dtype=object)))
    for missing in (None, np.nan):
        with pytest.raises(vo.InputError):
            session.run(np.array([["a"], [missing]], dtype=object))


def _adapted(token):
    data = keras.Input((1,), dtype="string")
    lookup = layers.StringLookup()
    lookup.adapt(tf.constant([token.encode(), b"c", b"c"]))
    return keras.Model(data, lookup(data))


@pytest.mark.parametrize("token", ["a\x85b", "a\u2028b", "a\x1cb", "\n", "\r"])
def test_an_adapted_token_with_a_line_break(token):
    texts = np.array([["c"], [token], ["a"], ["b"], [""]], dtype=object)
    (got,) = vo.load(vo.convert(_adapted(token), texts)).run(texts).values()
    assert got.ravel().tolist() == [1, 2, 0, 0, 0]


@pytest.mark.parametrize("token", ["a\nb", "\r\n", "a\0"])
def test_an_adapted_token_that_its_file_loses_is_refused(token):
    with pytest.raises(ArtifactError, match="a vocabulary that its file does not hold"):
        vo.convert(_adapted(token), np.array([["c"]], dtype=object))


@pytest.mark.parametrize(("tokens", "refused"), [(["", "b", "\n"], False), (["", "\n"], True)], ids=["apart", "ambiguous"])
def test_an_empty_token_and_a_line_break(tokens, refused):
    data = keras.Input((1,), dtype="string")
    lookup = layers.StringLookup()
    lookup.adapt(tf.constant([t.encode() for i, t in enumerate(tokens) for _ in range(9 - i)]))
    texts = np.array([[t] for t in [*tokens, "x"]], dtype=object)
    model = keras.Model(data, lookup(data))
    if refused:
        with pytest.raises(ArtifactError, match="a vocabulary that its file does not hold"):
            vo.convert(model, texts)
        return
    (got,) = vo.load(vo.convert(model, texts)).run(texts).values()
    assert got.ravel().tolist() == [*range(1, len(tokens) + 1), 0]
