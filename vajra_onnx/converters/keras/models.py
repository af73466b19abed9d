"""Keras models: the file that Keras writes of a model is what is converted, whatever the backend.

A model object is saved to a temporary file and read again. A model whose class is the user's own is called on Keras' symbolic
tensors before: what it does with layers and keras.ops becomes a graph of layers, and everything else is refused.
"""

from __future__ import annotations

import inspect
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.config import backend
from keras.src.models.functional import Functional
from keras.src.saving.saving_lib import save_model
from keras.utils import FeatureSpace
from spox import Var

from ...errors import ArtifactError, UnsupportedError
from ...frames.missing import decode_text
from ...schema import Column
from ..networks import Feeds, Network, describes
from .archive import Archive, read_archive
from .asking import refusing
from .fallback import Whole, or_whole
from .saved import Answer, network_of_archive
from .tracing import symbolic_sizes
from .unrolled import output_names, unrolled
from .wide import widened

BATCH = 32


@describes(Functional, keras.Sequential)
def describe(model: Any, sample: Any) -> Network:
    """The network of a model that is a graph of layers already."""

    def described() -> Network:
        return _network(model, answer_of(model))

    return or_whole(described, partial(whole, model), asking(answer_of(model)))


def _network(model: Any, answer: Callable[[list[str], list[str]], Answer]) -> Network:
    graph = unrolled(model)
    network = network_of_archive(saved(graph), answer, outputs=output_names(model), backend=backend(), precise=in_float64(model))

    def emit(variables: Mapping[str, Var], held: Any = graph) -> dict[str, Var]:
        """What stands for layers of the user's own is found as long as `held` lives."""
        return network.emit(variables)

    return replace(network, emit=emit)


def whole(model: Any) -> Whole:
    """A Functional or Sequential model in one piece, for tf2onnx."""
    graph = model._functional if isinstance(model, keras.Sequential) else model
    columns = tuple(
        Column(x._keras_history.operation.name, keras.backend.standardize_dtype(x.dtype), tuple(x.shape)) for x in graph.inputs
    )
    return Whole(model, columns, list(graph.output_names), _calling(model))


def asking(answer: Callable[[list[str], list[str]], Answer]) -> Callable[[Whole], Network]:
    """The network of a model in one piece, which is emitted by `or_whole`."""

    def network(model: Whole) -> Network:
        asked = answer([column.name for column in model.columns], model.outputs)
        return Network(model.columns, dict, asked, packages=("keras", backend(), "tf2onnx"))

    return network


@describes(keras.Model, subclasses=True)
def describe_subclass(model: Any, sample: Any) -> Network:
    """The network of a model of the user's own class, traced with inputs like the sample's."""

    arrays, alone = _named(sample), [_collapsed(sample)]

    def call(tensors: list[Any]) -> Any:
        return model(_like(sample, tensors, alone[0]), training=False)

    def answer(names: list[str], outputs: list[str]) -> Answer:
        return _answers(lambda feeds: call([_tensor(feeds[name]) for name in arrays]), outputs)

    def described() -> Network:
        try:
            graph = traced(model, sample, alone[0])
        except UnsupportedError:
            if not alone[0]:
                raise
            graph, alone[0] = traced(model, sample, False), False  # it may take a list or dict of one tensor
        return _network(graph, answer)

    def one_piece() -> Whole:
        columns = tuple(Column(name, _input_dtype(a), (None, *a.shape[1:])) for name, a in arrays.items())
        results = keras.tree.flatten(call([_tensor(a[:2].astype(_input_dtype(a))) for a in arrays.values()]))
        several = [f"{model.name}_{i}" for i in range(len(results))]
        return Whole(model, columns, several if len(results) > 1 else [model.name], call)

    return or_whole(described, one_piece, asking(answer))


def describes_loaded(loaded: Callable[[], Any], sample: Any, own: str) -> Network:
    """The network of a file with a class of the user's own, as Keras reads it. loaded: reads it. own: the name of the class.
    Raises UnsupportedError where Keras does not know the class."""
    try:
        model = loaded()
    except ArtifactError as error:
        raise UnsupportedError(
            f"the file has a class of your own, {own!r}, and {error}",
            hint="decorate it with @keras.saving.register_keras_serializable() and import it before, or convert the model object",
        ) from error
    return describe(model, sample) if isinstance(model, Functional | keras.Sequential) else describe_subclass(model, sample)


@describes(FeatureSpace)
def describe_features(features: Any, sample: Any) -> Network:
    """The network of a FeatureSpace, which stands for the model from its inputs to its encoded features."""
    try:
        features.get_encoded_features()
    except ValueError as error:  # it was not adapted
        raise UnsupportedError(f"FeatureSpace: {_line(error)}") from None
    return network_of_archive(saved(features), answer_of(features), backend=backend())


def saved(model: Any) -> Archive:
    """What Keras writes of a model, as data. Raises UnsupportedError and ArtifactError where that is not all of it."""
    if backend() == "tensorflow":
        from .vocabularies import refuse_lost_tokens

        refuse_lost_tokens(model)
    folder = Path(tempfile.mkdtemp(prefix="vajra-"))
    save = save_model if isinstance(model, FeatureSpace) else type(model).save  # its own `save` has no choice of the form
    try:
        with _quiet():
            save(model, folder / "model", zipped=False)
    except Exception as error:  # a layer's own get_config may fail in any way
        shutil.rmtree(folder, ignore_errors=True)
        raise UnsupportedError(f"Keras cannot save the model: {type(error).__name__}: {_line(error)}") from error
    return read_archive(folder / "model", temporary=folder)


def load(path: Path) -> Any:
    """The model of a file as Keras reads it, in its safe mode."""
    try:
        with _quiet():
            return keras.saving.load_model(path, compile=False)
    except Exception as error:  # whatever is in the file
        raise ArtifactError(f"Keras cannot load the model: {type(error).__name__}: {_line(error)}", where=str(path)) from error


def traced(model: Any, sample: Any, alone: bool) -> Any:
    """The graph of layers that a model's `call` makes of symbolic inputs. alone: it takes the only tensor of a list or dict by
    itself. Raises UnsupportedError where it makes none."""
    inputs = {name: keras.Input(a.shape[1:], dtype=_input_dtype(a), name=name) for name, a in _named(sample).items()}
    structure = _like(sample, list(inputs.values()), alone)
    options = {"training": False} if "training" in inspect.signature(model.call).parameters else {}
    try:
        with symbolic_sizes():
            return Functional(structure, model.call(structure, **options))
    except Exception as error:  # the user's code on symbolic tensors
        raise UnsupportedError(
            f"{type(model).__qualname__}.call is no graph of layers and keras.ops: {type(error).__name__}: {_line(error)}",
            hint="use layers and keras.ops in place of numpy or a backend's own functions",
        ) from error


def answer_of(model: Any) -> Callable[[list[str], list[str]], Answer]:
    """What asks a Functional or Sequential model, or a FeatureSpace."""

    def answer(names: list[str], outputs: list[str]) -> Answer:
        if isinstance(model, FeatureSpace):
            return _answers(lambda feeds: model({name: _tensor(array) for name, array in feeds.items()}), outputs)
        call = _calling(model)
        return _answers(lambda feeds: call([_tensor(feeds[name]) for name in names]), outputs)

    return answer


def in_float64(model: Any) -> Callable[[list[str], list[str]], Answer | None]:
    """What asks a Functional or Sequential model in float64; None where it has no such twin."""

    def answer(names: list[str], outputs: list[str]) -> Answer | None:
        twin = widened(model)
        return None if twin is None else answer_of(twin)(names, outputs)

    return answer


def _calling(model: Any) -> Callable[[list[Any]], Any]:
    """The call of a Functional or Sequential model with its tensors in the order of its inputs."""
    structure = getattr(model, "_inputs_struct", None)
    if structure is None:
        structure = model._functional._inputs_struct
    return lambda tensors: model(keras.tree.pack_sequence_as(structure, tensors), training=False)


def _answers(call: Callable[[Feeds], Any], outputs: list[str]) -> Answer:
    """A call in small batches, its results by output name. Where their widths differ, which are those of the batches, it is a
    call for all rows together."""

    ask = refusing(call)

    def results(feeds: Feeds) -> list[np.ndarray]:
        with _quiet():
            return ask(feeds)

    def answer(feeds: Feeds) -> dict[str, np.ndarray]:
        rows = len(next(iter(feeds.values())))
        parts = [results({name: a[start : start + BATCH] for name, a in feeds.items()}) for start in range(0, rows, BATCH)]
        if any(a.shape[1:] != b.shape[1:] for part in parts for a, b in zip(part, parts[0], strict=True)):
            parts = [results(feeds)]
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
    if any(isinstance(part, np.ndarray) and part.ndim > 0 for values in _parts(sample) for part in _parts(values)):
        raise UnsupportedError("a sample of nested lists or dicts", expected="a list or dict of arrays", hint="flatten it")
    if isinstance(sample, Mapping):
        return {name: np.asarray(values) for name, values in sample.items()}
    if isinstance(sample, list | tuple) and len(sample) > 1:
        return {f"X_{i}": np.asarray(values) for i, values in enumerate(sample)}
    return {"X": np.asarray(sample[0] if isinstance(sample, list | tuple) else sample)}


def _parts(value: Any) -> list[Any]:
    """What is in a list or dict; nothing in an array."""
    return list(value.values()) if isinstance(value, Mapping) else list(value) if isinstance(value, list | tuple) else []


def _collapsed(sample: Any) -> bool:
    """Whether the sample is a list or dict of one tensor, which a model may take by itself."""
    return isinstance(sample, Mapping | list | tuple) and len(sample) == 1


def _like(sample: Any, tensors: list[Any], alone: bool) -> Any:
    """Tensors in the structure of the sample."""
    if alone or not isinstance(sample, Mapping | list | tuple):
        return tensors[0]
    if isinstance(sample, Mapping):
        return dict(zip(sample, tensors, strict=True))
    return tuple(tensors) if isinstance(sample, tuple) else list(tensors)


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
