"""A FeatureSpace as it lies in its file: a preprocessing layer per feature, crosses of features, and one vector of them all, or a
dict. Source: `keras.src.layers.preprocessing.feature_space`.

The layers that it makes when it is built (crosses, encoders, the concatenation) have no weights and are in no file: they are made
again, as Keras makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import UnsupportedError
from ...graph.values import cast
from ...schema import Column
from .archive import Archive, Store, container_paths
from .emit import emit
from .layer import Layer
from .precision import HALVES, policy_of
from .tensor import Tensor

CLASS = "FeatureSpace"
# The outputs' names: of the one vector, and before the name of a feature in a dict. (An output cannot be called as an input is.)
VECTOR, ENCODED = "encoded_features", "encoded_"
# How many numbers a preprocessing layer answers.
CARDINALITIES = {
    "IntegerLookup": "vocabulary_size", "StringLookup": "vocabulary_size", "CategoryEncoding": "num_tokens",
    "Discretization": "num_bins", "Hashing": "num_bins", "HashedCrossing": "num_bins",
}  # fmt: skip
# The layers of features that Keras' tf.data may hold.
DATA_LAYERS = ("CategoryEncoding", "Discretization", "Normalization", "Rescaling")


@dataclass(frozen=True)
class Features:
    """inputs: a column per feature. outputs: their names, in the order in which Keras flattens them. layers: of each feature and
    cross, what computes it. encoded: those that become vectors."""

    inputs: tuple[Column, ...]
    outputs: list[str]
    layers: Mapping[str, Layer]
    crosses: Mapping[str, Sequence[str]]
    encoded: frozenset[str]

    @staticmethod
    def of(archive: Archive) -> Features:
        """The FeatureSpace of a file. Raises UnsupportedError where it has features of another kind than Keras' own."""
        config = archive.config["config"]
        features: dict[str, Any] = {name: feature["config"] for name, feature in config["features"].items()}
        crosses = {"_X_".join(c["config"]["feature_names"]): c["config"] for c in config["crosses"] or ()}
        data = [feature["preprocessor"] for feature in features.values()]
        paths = container_paths(data, "preprocessors")
        layers = {name: Layer.of(d, archive.store.below(path)) for name, d, path in zip(features, data, paths, strict=True)}
        modes = {name: each["output_mode"] for name, each in (features | crosses).items()}
        return Features(
            inputs=tuple(Column(name, feature["dtype"], (None, 1)) for name, feature in features.items()),
            outputs=[VECTOR] if config["output_mode"] == "concat" else [ENCODED + name for name in sorted(modes)],
            layers=layers | {name: _crosser(name, cross["crossing_dim"]) for name, cross in crosses.items()},
            crosses={name: cross["feature_names"] for name, cross in crosses.items()},
            encoded=frozenset(name for name, mode in modes.items() if mode == "one_hot"),
        )

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs."""
        found = {column.name: self._call(column.name, x) for column, x in zip(self.inputs, inputs, strict=True)}
        crossed = {name: self._call(name, [found[part] for part in parts]) for name, parts in self.crosses.items()}
        made = {name: self._vector(name, x) if name in self.encoded else x for name, x in (found | crossed).items()}
        if self.outputs != [VECTOR]:
            return [made[name.removeprefix(ENCODED)] for name in self.outputs]
        return emit(_made("TFDConcat", VECTOR, {"axis": -1}), [[made[name] for name in (*sorted(found), *sorted(crossed))]], {})

    def _call(self, name: str, inputs: Tensor | list[Tensor]) -> Tensor:
        layer = self.layers[name]
        if isinstance(inputs, Tensor) and layer.class_name in DATA_LAYERS:
            inputs = _in_policy(layer, inputs)
        (result,) = emit(layer, [inputs], {})
        return result

    def _vector(self, name: str, x: Tensor) -> Tensor:
        layer = self.layers[name]
        count = layer.config.get(CARDINALITIES.get(layer.class_name, ""))
        if layer.class_name == "Discretization" and count is None and layer.config.get("bin_boundaries") is not None:
            count = len(layer.config["bin_boundaries"]) + 1
        if count is None:
            where = f"features[{name!r}]"
            raise UnsupportedError(f"one_hot of {layer.class_name}", expected=" | ".join(CARDINALITIES), where=where)
        return emit(_made("CategoryEncoding", name, {"num_tokens": count, "output_mode": "multi_hot"}), [x], {})[0]


def _in_policy(layer: Layer, x: Tensor) -> Tensor:
    """A FeatureSpace that is called puts everything into its layers' own types, as in tf.data (`DataLayer.__call__`): the
    bins of a file of Keras 3.9 cut numbers off to int64."""
    policy = policy_of(layer.config)
    return x if policy in HALVES else x.map(lambda var: cast(var, np.dtype(policy)))


def _crosser(name: str, bins: int) -> Layer:
    return _made("HashedCrossing", name, {"num_bins": bins, "output_mode": "int", "dtype": "int64"})


def _made(class_name: str, name: str, config: Mapping[str, Any]) -> Layer:
    module = "keras.src.layers.preprocessing.feature_space" if class_name.startswith("TFD") else "keras.layers"
    return Layer(module, class_name, name, config, Store({}, {}, {}), {"module": module, "config": config})
