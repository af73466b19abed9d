"""keras.ops.core. Source: `keras.src.ops.core`."""

from __future__ import annotations

import numpy as np

from ....errors import UnsupportedError
from ....graph.values import cast
from ..backend import own
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor


@operation("core", "Cast")
def cast_to(layer: Layer, x: Tensor) -> Tensor:
    """Another type."""
    dtype = layer.get("dtype")
    if dtype not in ("bool", "int32", "int64", "float32", "float64"):
        raise UnsupportedError("cast", expected="bool | int32 | int64 | float32 | float64", got=repr(dtype))
    return x.masked(None).map(lambda var: cast(var, own(np.dtype(dtype))))


@operation("core", "StopGradient")
def stop_gradient(layer: Layer, variable: Tensor) -> Tensor:
    """Nothing at inference."""
    return variable.masked(None)


@operation("core", "ConvertToTensor")
def convert_to_tensor(layer: Layer, x: Tensor) -> Tensor:
    """Nothing, of what is a tensor already."""
    for key in ("dtype", "sparse", "ragged"):
        layer.only(key, None)
    return x.masked(None)
