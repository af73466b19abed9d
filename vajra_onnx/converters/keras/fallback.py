"""What no emitter handles, as a whole by way of tf2onnx: layers of the user's own that compute with TensorFlow, and layers and
operations of Keras that have no emitter here. The certificate says so, and why.

`VAJRA_ONNX_FALLBACK=none` refuses such models instead, as they are refused where tf2onnx is not installed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
from spox import Var

from ...errors import UnsupportedError
from ...graph.target import current
from ...schema import Column
from ..networks import Network
from ..tensorflow.exporter import available, emitted
from ..tensorflow.folder import save

SWITCH = "VAJRA_ONNX_FALLBACK"


@dataclass(frozen=True)
class Whole:
    """A model as TensorFlow sees it. columns: its inputs. outputs: their names. call: tensors in the order of the inputs ->
    results."""

    model: Any
    columns: tuple[Column, ...]
    outputs: list[str]
    call: Callable[[list[Any]], Any]

    def emit(self, variables: Mapping[str, Var], why: UnsupportedError) -> dict[str, Var]:
        """The outputs. Raises the first reason where tf2onnx does not convert the model either, with its own."""
        inputs = {f"input_{i}": column for i, column in enumerate(self.columns)}
        names = [f"output_{i}" for i in range(len(self.outputs))]
        with tempfile.TemporaryDirectory(prefix="vajra-") as name:
            try:
                call = lambda tensors: keras.tree.flatten(self.call([tensors[n] for n in inputs]))  # noqa: E731
                save(call, self.model, inputs, names, Path(name))
            except Exception as error:  # the user's code, traced by TensorFlow
                line = (str(error).strip().splitlines() or [""])[0][:200]
                raise UnsupportedError(f"{why}; TensorFlow cannot trace it: {type(error).__name__}: {line}") from why
            try:
                results = emitted(Path(name), {n: variables[column.name] for n, column in inputs.items()})
            except UnsupportedError as error:
                raise UnsupportedError(f"{why}; {error}") from why
        current().notes.append(f"converted by tf2onnx as a whole: {why}")
        return {own: results[name] for own, name in zip(self.outputs, names, strict=True)}


def or_whole(describe: Callable[[], Network], whole: Callable[[], Whole], network: Callable[[Whole], Network]) -> Network:
    """What `describe` finds; where it or its emitters refuse, `network` of the whole model, which tf2onnx converts."""
    try:
        found = describe()
    except UnsupportedError as error:
        if not _possible():
            raise
        refused, model = error, whole()
        return replace(network(model), emit=lambda variables: model.emit(variables, refused))

    def emit(variables: Mapping[str, Var]) -> dict[str, Var]:
        try:
            return found.emit(variables)
        except UnsupportedError as error:
            if not _possible():
                raise
            return whole().emit(variables, error)

    return replace(found, emit=emit)


def _possible() -> bool:
    return os.environ.get(SWITCH) != "none" and keras.backend.backend() == "tensorflow" and available()
