"""keras.ops.core. Source: `keras.src.ops.core`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like
from ..backend import answers_as
from ..emit import operation
from ..layer import Layer
from ..precision import HALVES, rounded
from ..tensor import Tensor
from .accurate import flushed

KINDS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float16", "bfloat16", "float32", "float64")

# JAX has no numbers of 64 bits, unless it is told to.
WIDE = {"float64": "float32", "int64": "int32"}


@operation("core", "Cast", kind="casts")
def cast_to(layer: Layer, x: Tensor) -> Tensor:
    """Another type."""
    return converted(x, layer.get("dtype"))


@operation("core", "StopGradient", kind="moves")
def stop_gradient(layer: Layer, variable: Tensor) -> Tensor:
    """Nothing at inference."""
    return variable


@operation("core", "ConvertToTensor", kind="casts")
def convert_to_tensor(layer: Layer, x: Tensor) -> Tensor:
    """Another type, if any, of what is a tensor already."""
    for key in ("sparse", "ragged"):
        layer.only(key, None, False)
    dtype = layer.get("dtype")
    return x if dtype is None else converted(x, dtype)


@operation("core", "SaturateCast", kind="casts")
def saturate_cast(layer: Layer, x: Tensor) -> Tensor:
    """Another type, what is beyond it as the largest or smallest number that both types have."""
    dtype = layer.get("dtype")
    if dtype not in KINDS or "bool" in (dtype, str(x.dtype)) or x.rounded or x.dtype == np.float16:
        raise UnsupportedError("saturate_cast", expected="floats or integers to numbers", got=f"{x.dtype} to {dtype}")
    limits = [_limits(str(x.dtype)), _limits(dtype)]
    low = np.asarray(max(a for a, _ in limits)).astype(x.dtype)
    high = np.asarray(min(b for _, b in limits)).astype(x.dtype)
    if low < limits[1][0]:
        low = np.nextafter(low, 0, dtype=x.dtype)
    if high > limits[1][1]:
        high = np.nextafter(high, 0, dtype=x.dtype)
    return converted(x.map(lambda var: ops.clip(var, constant_like(var, low), constant_like(var, high))), dtype)


def converted(x: Tensor, dtype: Any) -> Tensor:
    """The tensor in this type of Keras'. Raises UnsupportedError for what ONNX has not."""
    if dtype not in KINDS or x.dtype.kind == "U":
        raise UnsupportedError("cast", expected=f"numbers to {' | '.join(KINDS)}", got=f"{x.dtype} to {dtype!r}")
    x = Tensor(x.make, x.first, axes=x.axes)
    if answers_as("jax") and dtype in WIDE:
        dtype = WIDE[dtype]
    if dtype == "bfloat16":
        return rounded(x.map(lambda var: cast(var, np.float32)), HALVES["bfloat16"])
    return x.map(lambda var: cast(flushed(var) if dtype == "bool" else var, dtype))


def _limits(dtype: str) -> tuple[Any, Any]:
    if dtype == "bfloat16":
        return tuple(np.array([0xFF7F0000, 0x7F7F0000], np.uint32).view(np.float32))  # the first half of such a float32
    limits: Any = np.iinfo(dtype) if "int" in dtype else np.finfo(dtype)
    return limits.min, limits.max
