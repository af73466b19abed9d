"""What Keras puts into the graph of a FeatureSpace beside its public layers.
Source: `keras.src.layers.preprocessing.feature_space`."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from .....graph import ops
from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import promoted

with suppress(ImportError):  # where there is no Keras there is no FeatureSpace object, which is looked for here, either
    import_module("vajra_onnx.converters.keras.models")


@emits("TFDIdentity")
def tfd_identity(layer: Layer, x: Tensor) -> Tensor:
    """Nothing."""
    return x.masked(None)


@emits("TFDConcat")
def tfd_concat(layer: Layer, xs: list[Tensor]) -> Tensor:
    """Side by side along one axis, in the common type."""
    layer.only("axis", -1)
    return Tensor.of(ops.concat(promoted(*xs), axis=-1))
