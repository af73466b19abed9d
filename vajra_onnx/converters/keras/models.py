"""Keras models: the file that Keras writes of a model is what is converted, whatever the backend.

A model object is saved to a temporary file and read again. A model whose class is the user's own is called on Keras' symbolic
tensors before: what it does with layers and keras.ops becomes a graph of layers, and everything else is refused.
"""

from __future__ import annotations

import inspect
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.config import backend
from keras.src.models.functional import Functional

from ...errors import ArtifactError, UnsupportedError
from ...frames.missing import decode_text
from ..networks import Feeds, Network, describes
from .archive import Archive, read_archive
from .asking import refusing
from .saved import Answer, network_of_archive
from .unrolled import output_names, unrolled

BATCH = 32


@describes(Functional, keras.Sequential)
def describe(model: Any, sample: Any) -> Network:
    """The network of a model that is a graph of layers already."""
    return network_of_archive(saved(unrolled(model)), answer_of(model), outputs=output_names(model), backend=backend())


@describes(keras.Model, subclasses=True)
def describe_subclass(model: Any, sample: Any) -> Network:
    """The network of a model of the user's own class, traced with inputs like the sample's."""
    graph = traced(model, sample)

    def answer(names: list[str], outputs: list[str]) -> Answer:
        def call(feeds: Feeds) -> Any:
            return model(_like(sample, [_tensor(feeds[name]) for name in names]), training=False)

        return _answers(call, outputs)

    return network_of_archive(saved(unrolled(graph)), answer, outputs=output_names(graph), backend=backend())


def saved(model: Any) -> Archive:
    """What Keras writes of a model, as data."""
    with tempfile.TemporaryDirectory(prefix="vajra-") as folder, _quiet():
        path = Path(folder) / "model"
        try:
            model.save(path, zipped=False)
        except Exception as error:  # a layer's own get_config may fail in any way
            raise UnsupportedError(f"Keras cannot save the model: {type(error).__name__}: {_line(error)}") from error
        return read_archive(path)


def load(path: Path) -> Any:
    """The model of a file as Keras reads it, in its safe mode."""
    try:
        with _quiet():
            return keras.saving.load_model(path, compile=False)
    except Exception as error:  # whatever is in the file
        raise ArtifactError(f"Keras cannot load the model: {type(error).__name__}: {_line(error)}", where=str(path)) from error


def traced(model: Any, sample: Any) -> Any:
    """The graph of layers that a model's `call` makes of symbolic inputs. Raises UnsupportedError where it makes none."""
    inputs = {name: keras.Input(a.shape[1:], dtype=_input_dtype(a), name=name) for name, a in _named(sample).items()}
    structure = _like(sample, list(inputs.values()))
    options = {"training": False} if "training" in inspect.signature(model.call).parameters else {}
    try:
        return Functional(structure, model.call(structure, **options))
    except Exception as error:  # the user's code on symbolic tensors
        raise UnsupportedError(
            f"{type(model).__qualname__}.call is no graph of layers and keras.ops: {type(error).__name__}: {_line(error)}",
            hint="use layers and keras.ops in place of numpy or a backend's own functions",
        ) from error


def answer_of(model: Any) -> Callable[[list[str], list[str]], Answer]:
    """What asks a Functional or Sequential model."""

    def answer(names: list[str], outputs: list[str]) -> Answer:
        structure = getattr(model, "_inputs_struct", None)
        if structure is None:
            structure = model._functional._inputs_struct

        def call(feeds: Feeds) -> Any:
            tensors = [_tensor(feeds[name]) for name in names]
            return model(keras.tree.pack_sequence_as(structure, tensors), training=False)

        return _answers(call, outputs)

    return answer


def _answers(call: Callable[[Feeds], Any], outputs: list[str]) -> Answer:
    """A call in small batches, its results by output name."""

    ask = refusing(call)

    def answer(feeds: Feeds) -> dict[str, np.ndarray]:
        rows = len(next(iter(feeds.values())))
        parts = []
        for start in range(0, rows, BATCH):
            with _quiet():
                parts.append(ask({name: a[start : start + BATCH] for name, a in feeds.items()}))
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(outputs)}

    return answer


def _tensor(array: np.ndarray) -> Any:
    if array.dtype != object:
        return keras.ops.convert_to_tensor(array)
    import tensorflow as tf

    return tf.constant([_text(v).encode() for v in array.ravel()], shape=array.shape)


def _text(encoded: str) -> str:
    """The text itself: the graph is fed with missing values and U+FDD0 in the encoding of `frames.missing`, Keras is not."""
    text = decode_text(encoded)
    if not isinstance(text, str):
        raise TypeError(f"expected text, got {text!r}")
    return text


def _named(sample: Any) -> dict[str, np.ndarray]:
    """The arrays of a sample by the names that a traced model's inputs get: its keys, or X, or X_0, X_1, ..."""
    if isinstance(sample, Mapping):
        return {name: np.asarray(values) for name, values in sample.items()}
    if isinstance(sample, list | tuple) and len(sample) > 1:
        return {f"X_{i}": np.asarray(values) for i, values in enumerate(sample)}
    return {"X": np.asarray(sample[0] if isinstance(sample, list | tuple) else sample)}


def _like(sample: Any, tensors: list[Any]) -> Any:
    if isinstance(sample, Mapping):
        return dict(zip(sample, tensors, strict=True)) if len(tensors) > 1 else tensors[0]
    return tensors if len(tensors) > 1 else tensors[0]


def _input_dtype(array: np.ndarray) -> str:
    if array.dtype.kind in "OUS":
        return "string"
    return keras.config.floatx() if array.dtype.kind == "f" else str(array.dtype)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
