"""What of the layer matrix a backend cannot run, in its own words, and what is refused by name. Everything else has to pass."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import keras
from keras_nets import around, sample

from vajra_onnx.converters.keras.models import answer_of

BACKEND = keras.config.backend()
TEXT = "data type 'string' not understood|string arrays can only be made from NumPy|mix tensors and non-tensors"
NO_TENSORFLOW = "requires TensorFlow"

# By names of cases; "*" is every backend.
CANNOT: dict[str, dict[str, str]] = {
    "*": {
        # Keras' own graph of it: its output is its input. Inside of a Pipeline or a Sequential it converts.
        "augmentation-Equalization-images": "is part of a cycle",
        "augmentation-Equalization-pixels": "is part of a cycle",
        "core-FlaxLayer": "No module named 'flax'",
    },
    "tensorflow": {"core-TorchModuleWrapper": "only be used with the PyTorch backend|torch"},
    "jax": {
        "preprocessing-string*": TEXT,
        "preprocessing-crossing-*": TEXT,
        "preprocessing-hash*": TEXT,
        "texts-*": TEXT,
        "core-TFSMLayer": "only currently supported with the TensorFlow backend",
        "core-TorchModuleWrapper": "torch",
        "images-area*": "Invalid value for argument `interpolation`",
        "images-pipeline": "Could not automatically infer the output shape",
        "windows-adaptive-*3-uneven": "out-of-bounds indexing",  # Keras' own windows there are one too long
        "attention-heads-other-length": "cannot reshape array",  # jax.nn.dot_product_attention wants values as wide as keys
    },
    "torch": {
        "preprocessing-string*": NO_TENSORFLOW,
        "preprocessing-integers*": NO_TENSORFLOW,
        "preprocessing-hash*": NO_TENSORFLOW,
        "preprocessing-floats-hash": NO_TENSORFLOW,
        "texts-*": NO_TENSORFLOW,
        "preprocessing-crossing*": NO_TENSORFLOW,
        "images-lanczos*": "Lanczos interpolation is not supported by the PyTorch backend",
        "images-area*": "Invalid value for argument `interpolation`",
        "shapes-up2-lanczos*": "Lanczos interpolation is not supported by the PyTorch backend",
        "pictures-lanczos*": "Lanczos interpolation is not supported by the PyTorch backend",
        "normalization-layer-first": "shape",
        "weights-layer-second": "shape",
        "core-TFSMLayer": "only currently supported with the TensorFlow backend",
        "core-JaxLayer": "only supported with the JAX or Tensorflow backend",
    },
}
REFUSED: dict[str, dict[str, str]] = {
    "*": {
        "recurrent-*-stateful": r"\(stateful=...\): expected False",
        "sound-stft-angle": "an angle of numbers that are 0 but for rounding is arbitrary",
        "sound-mel-decibels": "relative to the loudest row of the batch",
        "core-TFSMLayer": "TFSMLayer wraps code of another framework",
        "core-JaxLayer": "JaxLayer",
        "core-TorchModuleWrapper": "TorchModuleWrapper",
    },
    "tensorflow": {"histograms-pixels-*int*-limit": r"clip_limit=\.\.\.\) of whole numbers"},
    "torch": {
        "images-bi*-pixels": "of whole numbers on torch or JAX, whose build decides the last bit",
        "windows-Average*-open": "padding `same` and strides, of a size that is not fixed",
    },
    "jax": {
        "images-bi*-pixels": "of whole numbers on torch or JAX, whose build decides the last bit",
        "images-lanczos*-pixels": "of whole numbers on torch or JAX, whose build decides the last bit",
        "histograms-pixels-*-range": r"value_range=\.\.\.\) on JAX",
        "histograms-pixels-*int*": "of whole numbers on JAX, whose build decides the last bit",
    },
}
# What is known to differ, and is no refusal yet: the proof fails, so that `convert` raises.
DIFFERS: dict[str, dict[str, str]] = {
    "jax": {
        "normalization-spectral-embedding": "JAX answers an index beyond the table, and an integer cannot be NaN",
    },
}


class CannotRunError(Exception):
    """The backend builds no such model, or answers to no row of its sample."""


def said(table: dict[str, dict[str, str]], name: str, backend: str = BACKEND) -> str | None:
    """What a table says about a case on a backend, or None."""
    lines = {**table.get("*", {}), **table.get(backend, {})}
    return next((says for pattern, says in lines.items() if fnmatchcase(name, pattern)), None)


def runnable(name: str, make: Any, shapes: list[Any]) -> tuple[Any, dict[str, Any]]:
    """The model and its sample. Raises CannotRunError where the backend says what the table has."""
    says = said(CANNOT, name)
    try:
        model, rows = around(make, shapes), sample(shapes)
        answer_of(model)([tensor.name for tensor in model.inputs], list(model.output_names))(rows)
    except Exception as error:
        lines = [line for line in str(error).splitlines() if says is not None and re.search(says, line)]
        if not lines:
            raise
        raise CannotRunError(f"{name} on {BACKEND}: {lines[0][:200]}") from error
    assert says is None, f"{BACKEND} runs {name}: take it off the list"
    return model, rows
