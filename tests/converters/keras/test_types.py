"""Layers that keep the type of what comes in, or cast it: integers of every width, booleans, and floats of another width than the
layer's own. The matrix of `test_layers` has inputs of one type for each layer."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np
import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")

import keras
from keras_backends import BACKEND, said
from keras_cases import cases
from keras_nets import around, sample

import vajra_onnx as vo
from vajra_onnx.converters.keras.models import answer_of
from vajra_onnx.parity.original import quiet

TYPES = ("float64", "float16", "int32", "int64", "uint8", "bool")
KEEPING = (
    "core-masking", "core-identity", "core-reversed-*", "activations-relu*", "activations-softmax", "pooling-Max?-valid*",
    "pooling-global-Max?", "pooling-adaptive-Max?", "merging-*", "reshaping-*", "regularization-*", "augmentation-*",
    "normalization-layer", "normalization-spectral-*", "images-crop-*", "preprocessing-rescaling*",
    "preprocessing-normalization*",
)  # fmt: skip
# What Keras answers is an accident of types, and the graph has another: the proof says so, or the emitter.
REFUSED: dict[str, dict[str, str]] = {
    "*": {
        "bool merging-*": "of booleans",
        "float16 normalization-layer": "float32",
        "int* normalization-layer": "float32",
        "uint8 normalization-layer": "float32",
        "bool normalization-layer": "float32",
        "* activations-relu-*": "with a slope, a threshold or",
        "uint8 merging-dot*": "32 bits or more",
        "uint8 normalization-spectral-*": "cuts off",
        "bool normalization-spectral-*": "cuts off",
        "bool reshaping-up2-bilinear": "of booleans",
        "bool images-crop-*": "of booleans",
        "int64 pooling-Max*": "32 bits at most",
        "int64 pooling-adaptive-Max*": "32 bits at most",
    },
    "jax": {
        "uint8 activations-softmax": "overflows",
        **{f"*int* {name}": "decides the last bit" for name in ("reshaping-up2-bilinear", "images-crop-*")},
    },
    "torch": {f"*int* {name}": "decides the last bit" for name in ("reshaping-up2-bilinear", "images-crop-*")},
}


def spoken(shapes) -> list[int]:
    """The inputs whose type is not part of the case."""
    return [i for i, shape in enumerate(shapes) if not (isinstance(shape, dict) and {"words", "ids", "dtype"} & set(shape))]


CASES = [case for case in cases() if any(fnmatchcase(case[0], pattern) for pattern in KEEPING) and spoken(case[2])]


def in_type(array: np.ndarray, dtype: str) -> np.ndarray:
    """The numbers of a sample in a type: whole ones, of both signs where there are any."""
    if dtype == "bool":
        return array > 0
    return ((np.abs(array) if dtype == "uint8" else array) * (1 if dtype.startswith("float") else 20)).astype(dtype)


@pytest.fixture(autouse=True)
def _without_tf2onnx(monkeypatch):
    """It would convert what is refused here."""
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "none")


# What a backend warns of in its own code is not ours.
@pytest.mark.filterwarnings("ignore:::(keras|torch|jax|numpy)[.].*")
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("name", "make", "shapes"), CASES, ids=[case[0] for case in CASES])
def test_a_type(name, make, shapes, dtype):
    free = spoken(shapes)
    typed = [
        {**(shape if isinstance(shape, dict) else {"shape": shape}), "dtype": dtype} if i in free else shape
        for i, shape in enumerate(shapes)
    ]
    rows = {n: in_type(a, dtype) if int(n[1:]) in free else a for n, a in sample(shapes).items()}
    try:
        with quiet():
            model = around(make, typed)
            answer_of(model)([tensor.name for tensor in model.inputs], list(model.output_names))(rows)
    except Exception as error:  # whatever a backend says of types that it does not take
        pytest.skip(f"{BACKEND} does not take it: {type(error).__name__}")
    refusal = said(REFUSED, f"{dtype} {name}")
    if refusal is None or not _refused(model, rows, refusal):
        assert vo.convert(model, rows).certificate.passed


def _refused(model, rows, words):
    """Whether it is refused by name: some of the cases that a pattern matches are not."""
    try:
        vo.convert(model, rows)
    except vo.UnsupportedError as error:
        return words in str(error)
    return False


@pytest.mark.parametrize(("dtype", "limit"), [("uint8", 300.0), ("int8", 200.0)])
def test_a_limit_beyond_the_type_is_refused(dtype, limit):
    x = keras.Input((3,), dtype=dtype, name="x")
    model = keras.Model(x, keras.layers.ReLU(max_value=limit)(x))
    with pytest.raises(vo.UnsupportedError, match="wraps around"):
        vo.convert(model, np.array([[0, 44, 120]], dtype))
