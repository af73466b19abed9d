"""What no emitter handles goes by way of tf2onnx: a layer of the user's own that computes with TensorFlow in its place in the
graph (`foreign`), a model in which a layer or operation of Keras has no emitter here as a whole. The certificate says so.

`VAJRA_ONNX_FALLBACK=none` refuses such models instead, as they are refused where tf2onnx is not installed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
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
from .refusal import UndecidedError

SWITCH = "VAJRA_ONNX_FALLBACK"


def possible() -> bool:
    """Whether tf2onnx may be asked here."""
    return os.environ.get(SWITCH) != "none" and keras.backend.backend() == "tensorflow" and available()


@dataclass(frozen=True)
class Traced:
    """A part of a model as TensorFlow sees it. owner: what has its variables. columns: its inputs. results: how many. call:
    tensors in the order of the inputs -> results. what: its name in the certificate."""

    owner: Any
    columns: Sequence[Column]
    results: int
    call: Callable[[list[Any]], Any]
    what: str

    def emit(self, variables: Sequence[Var], why: str) -> list[Var]:
        """The results. why: what has led here. Raises UnsupportedError with it where tf2onnx does not convert this either."""
        inputs = {f"input_{i}": column for i, column in enumerate(self.columns)}
        names = [f"output_{i}" for i in range(self.results)]
        with tempfile.TemporaryDirectory(prefix="vajra-") as folder:
            try:
                save(self._flat, self.owner, inputs, names, Path(folder))
            except Exception as error:  # the user's code, traced by TensorFlow
                line = (str(error).strip().splitlines() or [""])[0][:200]
                raise UnsupportedError(f"{why}; TensorFlow cannot trace it: {type(error).__name__}: {line}") from error
            try:
                found = emitted(Path(folder), dict(zip(inputs, variables, strict=True)))
            except UnsupportedError as error:
                raise UnsupportedError(f"{why}; {error}") from error
        current().notes.append(f"{self.what} converted by tf2onnx: {why}")
        return [found[name] for name in names]

    def _flat(self, tensors: dict[str, Any]) -> list[Any]:
        return list(keras.tree.flatten(self.call([tensors[f"input_{i}"] for i in range(len(self.columns))])))


@dataclass(frozen=True)
class Whole:
    """A model as a whole. outputs: their names. call: tensors in the order of the inputs -> results."""

    model: Any
    columns: tuple[Column, ...]
    outputs: list[str]
    call: Callable[[list[Any]], Any]

    def emit(self, variables: Mapping[str, Var], why: UnsupportedError) -> dict[str, Var]:
        """The outputs by name."""
        traced = Traced(self.model, self.columns, len(self.outputs), self.call, "the whole model")
        results = traced.emit([variables[column.name] for column in self.columns], str(why))
        return dict(zip(self.outputs, results, strict=True))


def or_whole(describe: Callable[[], Network], whole: Callable[[], Whole], network: Callable[[Whole], Network]) -> Network:
    """What `describe` finds; where it or its emitters refuse, `network` of the whole model, which tf2onnx converts."""
    try:
        found = describe()
    except UnsupportedError as error:
        if _final(error):
            raise
        refused, model = error, whole()
        return replace(network(model), emit=lambda variables: model.emit(variables, refused))

    def emit(variables: Mapping[str, Var]) -> dict[str, Var]:
        before = len(current().weights)
        try:
            return found.emit(variables)
        except UnsupportedError as error:
            if _final(error):
                raise
            del current().weights[before:]
            return whole().emit(variables, error)

    return replace(found, emit=emit)


def _final(error: UnsupportedError) -> bool:
    return isinstance(error, UndecidedError) or not possible()
