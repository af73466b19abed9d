"""Preprocessing layers with parameters and types that nobody thinks of first, equal to Keras to the bit, shape and dtype."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import vajra_onnx as vo
from vajra_onnx.converters.keras.layers.preprocessing.mel_scale import triangles
from vajra_onnx.errors import ArtifactError, UnsupportedError
from vajra_onnx.export.files import load_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt
RNG = np.random.default_rng(0)
TEXTS = np.array([["a"], ["\ufdd0x"], [""], ["日本"], ["a\0"], ["nan"], ["x" * 90]], object)
NUMBERS = RNG.integers(-300, 300, (7, 1))
FLOATS = np.array([[-1.0], [0.0], [-0.0], [0.5], [np.inf], [-np.inf], [3e38]], np.float32)
IMAGES = RNG.integers(0, 256, (7, 5, 4, 3)).astype(np.uint8)


def _tensor(array):
    if array.dtype != object:
        return tf.constant(array)
    return tf.constant([text.encode() for text in array.ravel()], shape=array.shape)


def _model(layer, *arrays):
    kinds = ["string" if a.dtype == object else str(a.dtype) for a in arrays]
    inputs = [keras.Input(a.shape[1:], dtype=kind, name=f"x{i}") for i, (a, kind) in enumerate(zip(arrays, kinds, strict=True))]
    return keras.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))


def _assert_same(layer, *arrays, rtol=0.0):
    """The proved graph beside Keras itself, in batches of 7, 3 and 1."""
    model = _model(layer, *arrays)
    feeds = {f"x{i}": array for i, array in enumerate(arrays)}
    session = vo.load(vo.convert(model, feeds))
    for rows in (slice(0, 7), slice(2, 5), slice(6, 7), slice(0, 1)):
        (got,) = session.run({name: array[rows] for name, array in feeds.items()}).values()
        expected = np.asarray(model([_tensor(array[rows]) for array in arrays]))
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=0)


@pytest.mark.parametrize("salt", [None, 7])
@pytest.mark.parametrize("mask", ["\ufdd0x", "", "nan", "日本"])
def test_a_masked_text(mask, salt):
    _assert_same(layers.Hashing(9, mask_value=mask, salt=salt), TEXTS)


@pytest.mark.parametrize("dtype", ["uint8", "uint32", "int8", "int64"])
def test_a_masked_number_wraps_around_as_in_tensorflow(dtype):
    _assert_same(layers.Hashing(9, mask_value=-1), np.array([[255], [-1], [2**32 - 1], [0], [1], [2], [3]]).astype(dtype))


@pytest.mark.parametrize("shape", [(7,), (7, 1), (7, 1, 1), (7, 2, 1), (7, 2)])
def test_hashes_drop_last_axes_of_one(shape):
    _assert_same(layers.Hashing(5, output_mode="one_hot"), RNG.integers(0, 99, shape))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32", "int64", "uint8"])
def test_vectors_of_any_policy(dtype):
    for mode in ("one_hot", "multi_hot", "count")[: 1 if dtype in ("float16", "uint8") else 3]:  # TensorFlow counts in no other
        _assert_same(layers.Hashing(5, output_mode=mode, dtype=dtype), RNG.integers(0, 99, (7, 3)))
        _assert_same(layers.Discretization([-1.0, 0.0, 0.5], output_mode=mode, dtype=dtype), FLOATS)
        _assert_same(layers.CategoryEncoding(9, output_mode=mode, dtype=dtype), RNG.integers(0, 9, (7, 3)))
    _assert_same(layers.HashedCrossing(5, output_mode="one_hot", dtype=dtype), TEXTS, NUMBERS)


def test_what_is_counted_is_not_rounded_before():
    numbers = np.array([[0.9999999999], [1.0], [1.9999999999], [0.0], [2.0], [1.5], [0.1]])
    for dtype in ("float16", "float32"):
        _assert_same(layers.CategoryEncoding(3, output_mode="one_hot", dtype=dtype), numbers)
        _assert_same(layers.Hashing(9, output_mode="one_hot", dtype=dtype), numbers)


def test_numbers_next_to_zero_are_in_the_bin_of_zero():
    tiny = np.array([[0.0], [-0.0], [1e-45], [-1e-45], [1e-38], [-1e-38], [-2e-38]], np.float32)
    for boundaries in ([0.0], [-1.0, 0.0, 1.0], [-1e-40, 1e-40], [1.0]):
        _assert_same(layers.Discretization(boundaries), tiny)


@pytest.mark.parametrize("dtype", [None, "int32", "float32"])
def test_numbers_of_any_policy(dtype):
    _assert_same(layers.HashedCrossing(2**62, dtype=dtype), TEXTS, NUMBERS)
    _assert_same(layers.Discretization([-1.0, 0.0, 0.5], dtype=dtype), FLOATS)
    _assert_same(layers.Discretization([-1.0, 0.0, 0.5], dtype=dtype), FLOATS[:6].repeat(2)[5:, None].astype(np.float16))
    _assert_same(layers.Discretization([-200.5, 0.0, 100.0], dtype=dtype), NUMBERS)


@pytest.mark.parametrize("split", ["whitespace", "character", None])
def test_a_batch_of_texts_that_are_all_empty(split):
    texts = np.array([[["a b"], [""]], *[[[""], [""]]] * 6], object)
    _assert_same(layers.TextVectorization(vocabulary=["a", "b"], split=split), texts)


@pytest.mark.parametrize("method", ["area", "bicubic", "bilinear"])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(7, 3), (3, 7), (13, 17), (2, 2), (11, 1)])
def test_images_resized_to_the_last_bit(size, antialias, method):
    """A sum in another order is another number: of whole numbers it is rounded to another one."""
    for images in (IMAGES, IMAGES[..., :1], IMAGES[..., :1].astype(np.float32)):
        _assert_same(layers.Resizing(*size, interpolation=method, antialias=antialias), images)


@pytest.mark.parametrize("dtype", ["float16", "float64", "uint8"])
@pytest.mark.parametrize("size", [(7, 3), (3, 7), (4, 4), (9, 9)])
def test_images_cropped_in_any_policy(size, dtype):
    _assert_same(layers.CenterCrop(*size, dtype=dtype), IMAGES)


def test_numbers_in_float64_have_parameters_of_float32():
    values = RNG.normal(size=(7, 3))
    _assert_same(layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.7, 0.8, 0.9], dtype="float64"), values)
    _assert_same(layers.Rescaling([0.1, 0.2, 0.3], offset=1 / 3, dtype="float64"), values)


@pytest.mark.parametrize("length", [33, 64])
@pytest.mark.parametrize("window", ["hann", "hamming"])
def test_windows_of_odd_lengths(window, length):
    options = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 8, "power_to_db": False, "window": window}
    signal = RNG.normal(size=(7, 300)).astype(np.float32)
    _assert_same(layers.MelSpectrogram(sequence_length=length, **options), signal, rtol=1e-3)


@pytest.mark.parametrize(("rate", "bins", "low", "high", "size"), [(16000, 128, 20.0, 8000, 1025), (8000, 128, 0.0, 4000, 65)])
def test_narrow_bins_weigh_as_in_keras(rate, bins, low, high, size):
    layer = layers.MelSpectrogram()
    expected = layer.linear_to_mel_weight_matrix(bins, size, rate, low, high)
    np.testing.assert_allclose(triangles(rate, bins, low, high, size), expected, rtol=0, atol=1e-6)


def test_nan_is_allowed_without_a_proof_where_the_sample_has_it():
    values = np.array([[1.0, np.nan], [0.0, 2.0]], np.float32)
    model = _model(layers.Discretization([0.5, 1.5]), values)
    (got,) = vo.load(vo.convert(model, values, prove=False)).run(values).values()
    np.testing.assert_array_equal(got, np.asarray(model([values])))
    with pytest.raises(vo.InputError):
        vo.load(vo.convert(model, values[1:], prove=False)).run(values)


def test_a_file_with_a_token_twice_is_refused_as_by_keras(tmp_path):
    lookup = layers.StringLookup()
    lookup.adapt(tf.constant(["a", "b"]))
    model = _model(lookup, TEXTS)
    lookup.get_vocabulary = lambda include_special_tokens=True: ["[UNK]", "a", "a"]
    model.save(tmp_path / "model.keras")
    with pytest.raises(ArtifactError, match="a token that is twice in the vocabulary: got 'a'"):
        vo.convert(load_model(str(tmp_path / "model.keras")), TEXTS, prove=False)


def test_an_operator_that_tf2onnx_leaves_alone_is_refused(monkeypatch):
    monkeypatch.delenv("VAJRA_ONNX_FALLBACK", raising=False)
    flags = np.array([[True], [False]])
    with pytest.raises(UnsupportedError, match=r"Hashing of booleans.*tf2onnx has no operator for StringToHashBucketFast"):
        vo.convert(_model(layers.Hashing(5), flags), flags)
