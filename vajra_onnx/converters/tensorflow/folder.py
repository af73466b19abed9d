"""Folder: a TensorFlow SavedModel, as `tf.saved_model.save` and Keras' `model.export` write it, by its serving signature.

A SavedModel is a graph of TensorFlow, which can open files: one with such operators is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spox import Var

from ... import dtypes
from ...errors import ArtifactError, SchemaError, UnsupportedError, UntrustedError
from ...graph.target import current
from ...schema import Column
from ..networks import Feeds, Network, describes
from .exporter import SIGNATURE, emitted

FILE = "saved_model.pb"
# What reaches outside of the graph: files, processes' own Python, the network.
OUTSIDE = (
    "PyFunc",
    "ReadFile",
    "WriteFile",
    "Save",
    "Restore",
    "Print",
    "Reader",
    "Rpc",
    "MatchingFiles",
    "LoadDataset",
    "Debug",
)
# These are how a SavedModel reads and writes its own variables.
OWN = frozenset({"SaveV2", "RestoreV2", "ShardedFilename", "MergeV2Checkpoints"})


@dataclass(frozen=True)
class Folder:
    """path: the folder of a SavedModel."""

    path: Path

    @staticmethod
    def read(path: str | Path) -> Folder:
        """The SavedModel of a folder. Raises UntrustedError where it could reach outside of itself, ArtifactError without one."""
        try:
            from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

            model = SavedModel.FromString((Path(path) / FILE).read_bytes())
        except ImportError as error:
            raise ArtifactError(f"a SavedModel needs TensorFlow: {error}", where=str(path)) from None
        except Exception as error:  # protobuf's own error has no public type
            raise ArtifactError(f"not a SavedModel: {type(error).__name__}: {error}", where=str(path)) from None
        graphs = [meta.graph_def for meta in model.meta_graphs]
        nodes = [node for g in graphs for part in (g.node, *(f.node_def for f in g.library.function)) for node in part]
        outside = {n.op for n in nodes if n.op not in OWN and any(word in n.op for word in OUTSIDE)}
        if outside:
            raise UntrustedError("the SavedModel reaches outside of itself", got=", ".join(sorted(outside)), where=str(path))
        return Folder(Path(path))


@describes(Folder)
def describe(model: Folder, sample: object) -> Network:
    """The network of the serving signature; TensorFlow answers for it, tf2onnx converts it."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(model.path))
    if SIGNATURE not in loaded.signatures:
        raise UnsupportedError("a SavedModel", expected=f"a signature {SIGNATURE!r}", got=", ".join(loaded.signatures) or "none")
    function = loaded.signatures[SIGNATURE]
    columns = tuple(_column(name, spec) for name, spec in sorted(function.structured_input_signature[1].items()))

    def emit(variables: Mapping[str, Var]) -> dict[str, Var]:
        current().notes.append("converted by tf2onnx")
        return emitted(model.path, variables)

    def answer(feeds: Feeds) -> dict[str, np.ndarray]:
        return {name: array_of(result) for name, result in function(**{n: tensor_of(a) for n, a in feeds.items()}).items()}

    return Network(columns, emit, answer, packages=("tensorflow", "tf2onnx"))


def save(
    call: Callable[[dict[str, Any]], list[Any]], model: object, inputs: Mapping[str, Column], outputs: list[str], folder: Path
) -> None:
    """Write a SavedModel of a Python function of tensors by name. model: what owns its variables."""
    import tensorflow as tf

    module = tf.Module()
    module.model = model  # what is not reachable from here is not saved

    def named(**tensors: Any) -> dict[str, Any]:
        return dict(zip(outputs, call(tensors), strict=True))

    specs = {name: tf.TensorSpec(column.shape, column.dtype, name=name) for name, column in inputs.items()}
    traced = tf.function(named, autograph=False).get_concrete_function(**specs)
    tf.saved_model.save(module, str(folder), signatures=traced)


def _column(name: str, spec: Any) -> Column:
    if spec.shape.rank is None or spec.shape.rank < 1 or spec.shape[0] is not None:
        raise UnsupportedError(f"the input {name!r} of a SavedModel", expected="a batch of any size", got=f"shape {spec.shape}")
    try:
        dtypes.dtype(spec.dtype.name)
    except SchemaError as error:
        raise UnsupportedError(f"the input {name!r} of a SavedModel: {error}") from None
    return Column(name, spec.dtype.name, tuple(spec.shape))


def tensor_of(array: np.ndarray) -> Any:
    """The tensor of an array; text as UTF-8."""
    import tensorflow as tf

    return (
        tf.constant([str(v).encode() for v in array.ravel()], shape=array.shape) if array.dtype == object else tf.constant(array)
    )


def array_of(tensor: Any) -> np.ndarray:
    """The array of a tensor; text as `str`."""
    array = np.asarray(tensor.numpy())
    if array.dtype != object:
        return array
    texts = np.empty(array.shape, object)
    texts.ravel()[:] = [v.decode() if isinstance(v, bytes) else v for v in array.ravel().tolist()]
    return texts
