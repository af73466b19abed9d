"""SavedModel: a Keras model as it lies in its file, and the network that it is. Converts where no Keras is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from spox import Var

from ... import dtypes
from ...errors import UnsupportedError
from ...graph.values import cast, dtype_of
from ...schema import Column
from ..networks import Feeds, Network, describes
from ..registry import located, step
from .archive import Archive, read_archive
from .backend import answering_as, own
from .features import CLASS as FEATURE_SPACE
from .features import Features
from .layer import Layer
from .network import Graph, distinct
from .precision import rtol_of
from .tensor import Tensor

Answer = Callable[[Feeds], dict[str, np.ndarray]]


@dataclass(frozen=True)
class SavedModel:
    """path: the `.keras` file. archive: what is in it, as data."""

    path: Path
    archive: Archive

    @staticmethod
    def read(path: str | Path) -> SavedModel:
        """The model of a `.keras` file; nothing in it is run. Raises ArtifactError for a file that is damaged."""
        return SavedModel(Path(path), read_archive(path))


@describes(SavedModel)
def describe(model: SavedModel, sample: object) -> Network:
    """The network of a file; Keras itself answers for it where it is installed."""
    try:
        from keras.config import backend

        from .fallback import or_whole
        from .models import answer_of, asking, describes_loaded, in_float64, load, whole
    except ImportError as error:
        return network_of_archive(model.archive, None, f"the original cannot be run here: {error}")

    loaded = cache(lambda: load(model.path))  # Keras loads it when it is first asked
    users = next(own_classes(model.archive.config), None)
    if users is not None:
        return describes_loaded(loaded, sample, users)

    def answer(names: list[str], outputs: list[str]) -> Answer:
        ask = cache(lambda: answer_of(loaded())(names, outputs))
        return lambda feeds: ask()(feeds)

    def precise(names: list[str], outputs: list[str]) -> Answer | None:
        return in_float64(loaded())(names, outputs)

    def described() -> Network:
        return network_of_archive(model.archive, answer, backend=backend(), precise=precise)

    return or_whole(described, lambda: whole(loaded()), asking(answer))


def network_of_archive(
    archive: Archive,
    answer: Callable[[list[str], list[str]], Answer] | None,
    unable: str = "",
    outputs: list[str] | None = None,
    backend: str = "tensorflow",
    precise: Callable[[list[str], list[str]], Answer | None] = lambda names, outputs: None,
) -> Network:
    """The network of a saved model. answer: from the names of inputs and outputs to what answers. outputs: their names, where
    they are not those of the layers that make them. backend: whose answers the graph is to give. precise: as `answer`, in
    float64."""
    ends = _ends(archive)
    outputs = ends.outputs if outputs is None else distinct(outputs)

    def emit(variables: Mapping[str, Var]) -> dict[str, Var]:
        with answering_as(backend):
            tensors = [_entering(variables[column.name]) for column in ends.inputs]
            return {name: _rows(name, t) for name, t in zip(outputs, ends.run(tensors), strict=True)}

    names = [column.name for column in ends.inputs]
    asked = None if answer is None else answer(names, outputs)
    packages, wide = ("keras", backend), cache(lambda: precise(names, outputs))
    return Network(ends.inputs, emit, asked, unable, rtol_of(archive.config), packages, wide)


def _entering(var: Var) -> Tensor:
    return Tensor.of(cast(var, own(dtype_of(var))))


@dataclass(frozen=True)
class Ends:
    """Where a model begins and ends: its input columns, the names of its outputs, and what leads from the ones to the others."""

    inputs: tuple[Column, ...]
    outputs: list[str]
    run: Callable[[list[Tensor]], list[Tensor]]


def own_classes(config: Any) -> Iterator[str]:
    """The registered names of the classes in a file that are the user's own."""
    if isinstance(config, Mapping):
        name = config.get("registered_name")
        module = str(config.get("module") or "")
        if name and "class_name" in config and config["class_name"] != "function" and not module.startswith("keras"):
            yield str(name)
        config = list(config.values())
    if isinstance(config, list):
        for value in config:
            yield from own_classes(value)


def _rows(name: str, x: Tensor) -> Var:
    """The variable of an output. Raises UnsupportedError where it has no row for every row of the input."""
    if x.rank == 0 or x.shape[0] is not None:
        raise UnsupportedError(f"output {name!r}", expected="a row for every row of the input", got=f"shape {list(x.shape)}")
    return x.var


def _ends(archive: Archive) -> Ends | Features:
    if archive.config["class_name"] == FEATURE_SPACE:
        return Features.of(archive)
    graph = Graph.of(Layer.of(archive.config, archive.store))
    names = graph.names(graph.inputs)
    inputs = tuple(_column(name, graph.layers[ref.layer]) for name, ref in zip(names, graph.inputs, strict=True))
    return Ends(inputs, graph.names(graph.outputs), graph.run)


def _column(name: str, layer: Layer) -> Column:
    """The column of an InputLayer."""
    with step(f"layers[{name!r}]"), located():
        for key in ("sparse", "ragged", "optional"):
            layer.only(key, False)
        shape = layer.get("batch_shape") or layer.get("batch_input_shape")
        dtype = layer.get("dtype") or "float32"
        if not isinstance(dtype, str):
            dtype = dtype["config"]["name"]
        if dtype not in dtypes.DTYPES or shape is None:
            raise UnsupportedError(
                "an input of the model", expected="a shape and a dtype of numbers or text", got=f"{shape}, {dtype}"
            )
    return Column(name, dtype, (None, *shape[1:]))
