"""Resizing of whole numbers, whose rounding shows the last bit of every interpolation, beside TensorFlow itself."""

from __future__ import annotations

import ctypes
import ctypes.util

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers

import vajra_onnx as vo
from vajra_onnx.converters.keras.layers.preprocessing.sine import sine

PIXELS = np.random.default_rng(7).integers(256, size=(800, 9, 8, 3)).astype(np.uint8)
METHODS = ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5")


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(4, 5), (13, 4), (17, 23), (1, 1), (7, 6)], ids=str)
def test_every_pixel(method, antialias, size):
    x = keras.Input(PIXELS.shape[1:], dtype="uint8", name="x")
    model = keras.Model(x, layers.Resizing(*size, interpolation=method, antialias=antialias)(x))
    (got,) = vo.load(vo.convert(model, PIXELS[:12])).run(PIXELS).values()
    np.testing.assert_array_equal(got, np.asarray(model(PIXELS)))


@pytest.mark.skipif(ctypes.util.find_library("m") is None, reason="no C library to compare with")
def test_sine_of_the_c_library():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    library.sinf.restype, library.sinf.argtypes = ctypes.c_float, [ctypes.c_float]
    values = np.random.default_rng(0).uniform(1e-3, 16, 50_000).astype(np.float32)
    np.testing.assert_array_equal(sine(values), [library.sinf(float(v)) for v in values])
