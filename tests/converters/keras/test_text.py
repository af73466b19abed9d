"""TextVectorization beside Keras itself: any text, at any batch; widths that depend on the batch; what is refused by name."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from keras_cases.texts import TEXTS, VOCABULARY, vectorization

import vajra_onnx as vo
from vajra_onnx.artifact import verify
from vajra_onnx.export.files import load_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt
ALL = np.array([[text] for text in TEXTS], object)
WAYS = {
    "words": {},
    "pairs": {"ngrams": (2, 1), "output_sequence_length": 5},
    "characters": {"split": "character", "standardize": "lower"},
    "character-pairs": {"split": "character", "ngrams": 2, "output_mode": "count"},
    "weights": {"ngrams": 3, "output_mode": "tf_idf", "standardize": None},
    "whole": {"split": None, "standardize": "strip_punctuation"},
}
# Words, punctuation, blanks of all kinds, characters of all planes, the end of a C string.
PIECES = st.sampled_from([*VOCABULARY, *" \t\n\v\f\r!,.'", "\u00a0", "\u2003", "\x1c", "A", "Z", "Ż", "İ", "\0", "ß"])
ANY = st.lists(PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=12).map("".join)


def _model(layer, shape=(1,)):
    text = keras.Input(shape, dtype="string", name="text")
    return keras.Model(text, layer(text))


def _answer(layer, texts):
    return np.asarray(layer(tf.constant([text.encode() for text in texts.ravel()], shape=texts.shape)))


def _same(session, layer, texts):
    (got,) = session.run(texts).values()
    expected = _answer(layer, texts)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


@pytest.fixture(scope="module")
def sessions():
    layers = {name: vectorization(**options) for name, options in WAYS.items()}
    return {name: (vo.load(vo.convert(_model(layer), ALL)), layer) for name, layer in layers.items()}


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(ANY, min_size=1, max_size=7))
def test_any_text(sessions, name, texts):
    session, layer = sessions[name]
    _same(session, layer, np.array([[text] for text in texts], object))


@pytest.mark.parametrize("name", WAYS)
def test_every_text_alone_and_texts_that_are_all_empty(sessions, name):
    session, layer = sessions[name]
    for texts in [*(ALL[i : i + 1] for i in range(len(ALL))), np.array([[""], ["!"]], object), np.array([[""]] * 3, object)]:
        _same(session, layer, texts)
    (none,) = session.run(ALL[:0]).values()
    assert len(none) == 0


@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_adapted_object_and_file(mode, tmp_path):
    layer = layers.TextVectorization(output_mode=mode, ngrams=2)
    layer.adapt(ALL[:14])  # Keras cannot read what it writes of words with line breaks of Unicode
    model = _model(layer)
    model.save(tmp_path / "model.keras")
    for original in (model, load_model(str(tmp_path / "model.keras"))):
        session = vo.load(vo.convert(original, ALL))
        for texts in (ALL, ALL[:3], ALL[:1]):
            _same(session, layer, texts)


def test_characters_that_break_lines_are_in_the_vocabulary():
    texts = np.array([["a\nb\r c\x85\u2028\x1c"], ["\n\n\r\r\n"]], object)
    layer = layers.TextVectorization(split="character", standardize=None)
    layer.adapt(texts)
    _same(vo.load(vo.convert(_model(layer), texts)), layer, texts)


def test_the_width_of_an_answer_is_that_of_its_batch(tmp_path):
    model = _model(vectorization())
    artifact = vo.convert(model, np.repeat(ALL, 3, axis=0))
    assert artifact.schema.outputs[0].shape == (None, None)
    assert any("as wide as the widest row of its batch" in note for note in artifact.certificate.notes)
    verify(artifact.save(tmp_path / "model.onnx"))


def test_a_width_that_is_wrong_fails_the_proof(monkeypatch):
    """A graph that pads every batch to the width of the whole sample is wrong at batch 1, although its numbers are right."""
    from vajra_onnx.converters.keras.layers.preprocessing import text

    right = text._in_length
    monkeypatch.setattr(text, "_in_length", lambda layer, index, inputs: _too_wide(right(layer, index, inputs)))
    with pytest.raises(vo.ParityError, match="shape"):
        vo.convert(_model(vectorization()), ALL)


def _too_wide(index):
    from vajra_onnx.graph import ops
    from vajra_onnx.graph.values import concat, constant

    zeros = ops.expand(constant(0), concat([ops.shape(index, end=1), constant([9])], 0))
    return ops.slice(concat([index, zeros], 1), constant([0]), constant([9]), constant([1]))


def test_masked_padding_changes_nothing_behind_it():
    text = keras.Input((1,), dtype="string", name="text")
    embedded = layers.Embedding(20, 3, mask_zero=True)(vectorization()(text))
    model = keras.Model(text, [layers.LSTM(4)(embedded), layers.GlobalAveragePooling1D()(embedded)])
    assert vo.convert(model, ALL[ALL != ""][:, None]).certificate.passed


def test_what_depends_on_the_padding_of_others_is_refused():
    text = keras.Input((1,), dtype="string", name="text")
    model = keras.Model(text, layers.GlobalAveragePooling1D()(layers.Embedding(20, 3)(vectorization()(text))))
    with pytest.raises(vo.ParityError, match="the rows of a batch depend on each other"):
        vo.convert(model, ALL)


def test_the_certificate_names_the_operators_of_the_runtime():
    artifact = vo.convert(_model(vectorization()), ALL)
    (note,) = [note for note in artifact.certificate.notes if "com.microsoft" in note]
    assert note.endswith(": com.microsoft.Tokenizer")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ragged": True}, r"ragged=\.\.\."),
        ({"sparse": True, "output_mode": "count"}, r"sparse=\.\.\."),
        ({"standardize": tf.strings.upper}, r"standardize=\.\.\."),
        ({"split": tf.strings.split}, r"split=\.\.\."),
        ({"output_mode": "one_hot"}, "answers ragged tensors"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_what_is_refused_by_name(options, message):
    with pytest.raises(vo.UnsupportedError, match=message):
        vo.convert(_model(vectorization(**options)), ALL)


def test_one_row_of_the_whole_batch_is_refused():
    with pytest.raises(vo.UnsupportedError, match="one row of the batch"):
        vo.convert(_model(vectorization(split=None, ngrams=2), ()), ALL[:, 0])
