"""What a backend cannot run of the layer matrix, in its own words. Everything else has to convert and pass on every backend."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

import keras
from keras_nets import around, sample

from vajra_onnx.converters.keras.models import answer_of

BACKEND = keras.config.backend()
TEXT = "are not valid JAX array types|is not a valid JAX type|cannot mix tensors and non-tensors|Cannot convert string to array|string"
NO_TENSORFLOW = "requires TensorFlow"
LANCZOS, AREA = "Lanczos interpolation is not supported by the PyTorch backend", "Invalid value for argument `interpolation`"

# Names of cases, and what the backend says to them.
CANNOT: dict[str, dict[str, str]] = {
    "jax": {},
    "torch": {
        "preprocessing-string*": NO_TENSORFLOW,
        "preprocessing-integers*": NO_TENSORFLOW,
        "preprocessing-hash*": NO_TENSORFLOW,
        "preprocessing-crossing*": NO_TENSORFLOW,
        "images-lanczos*": LANCZOS,
        "images-area*": AREA,
        "normalization-layer-first": "shape",
    },
}


class CannotRun(Exception):
    """The backend builds no such model, or answers to no row of its sample."""


def expected(name: str, backend: str = BACKEND) -> str | None:
    """What a backend says to a case that it cannot run; None for one that it runs."""
    return next((says for pattern, says in CANNOT.get(backend, {}).items() if fnmatch(name, pattern)), None)


def runnable(name: str, make: Any, shapes: list[Any]) -> tuple[Any, dict[str, Any]]:
    """The model and its sample. Raises CannotRun, with the backend's own words, where they are those that the table names."""
    says = expected(name)
    try:
        model, rows = around(make, shapes), sample(shapes)
        answer_of(model)([tensor.name for tensor in model.inputs], list(model.output_names))(rows)
    except Exception as error:
        words = str(error)
        if says is None or not re.search(says, words):
            raise
        line = next(line for line in words.splitlines() if re.search(says, line))
        raise CannotRun(f"{BACKEND}: {line[:200]}") from error
    assert says is None, f"{BACKEND} runs {name}: take it off the list"
    return model, rows
