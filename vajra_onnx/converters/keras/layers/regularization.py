"""keras.layers.regularization: nothing happens at inference. Source: `keras.src.layers.regularization`."""

from __future__ import annotations

from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor


@emits(
    "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
    "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", masking=True,
)  # fmt: skip
def identity(layer: Layer, x: Tensor) -> Tensor:
    """The input itself."""
    layer.ignore("rate", "noise_shape", "stddev", "l1", "l2", "data_format")
    return x
