"""Half precision: what Keras' policies float16, bfloat16, mixed_float16 and mixed_bfloat16 round, and how far that may be off.

Keras casts every float that enters a layer, its weights and its results to the policy's compute type. So does the graph. In
between it computes in float32: TensorFlow's kernels round on their way, too, each in an order of its own. Between layers float16
is float16 in the graph; bfloat16, which numpy does not have, is float32 that holds numbers of bfloat16.
Source: `keras.src.dtype_policies` and `keras.src.layers.layer.Layer.__call__`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np

from ...graph.values import cast
from .tensor import Tensor

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
HALVES = {
    "float16": np.dtype(np.float16), "mixed_float16": np.dtype(np.float16), "bfloat16": BFLOAT16, "mixed_bfloat16": BFLOAT16,
}  # fmt: skip
DIGITS = {np.dtype(np.float16): 2.0**-10, BFLOAT16: 2.0**-7}  # the distance from 1 to the next number
WHOLE_RTOL = 1e-5
# A layer's kernels round on their way to its result, each time by half an ulp: up to 2.9 ulp were found. Where results on both
# sides of a rounding's edge differ by one ulp, every layer passes it on, and adds its own.
# Windows of three axes are summed up in half precision, number by number; attention with heads is four layers and two products
# in one: more than 4 ulp were found of both.
ULPS, EACH, MOST = 3, 1, 8
ROUGHEST = ("Conv3D", "Conv3DTranspose", "ConvLSTM3D", "MultiHeadAttention", "GroupQueryAttention")
NO_LAYERS = ("Functional", "Sequential", "Model", "InputLayer", "__keras_tensor__")


def policy_of(config: Mapping[str, Any]) -> str:
    """The name of a layer's dtype policy."""
    policy = config.get("dtype") or "float32"
    return policy if isinstance(policy, str) else str(policy.get("config", {}).get("name"))


def rounded(x: Tensor, half: np.dtype[Any]) -> Tensor:
    """A tensor of floats in a half type, without a node where it is."""
    if x.rounded or x.dtype == half or x.dtype.kind != "f":
        return x
    var = cast(x.stored, half)
    if half == BFLOAT16:
        var = cast(var, np.float32)
    return Tensor(lambda: var, x.first, x.mask, rounded=half == BFLOAT16)


def common_half(operands: Any) -> np.dtype[Any] | None:
    """The half type that all floats among tensors and arrays have, if it is one: what an operation answers in."""
    floats = [v for v in _leaves(operands) if isinstance(v, Tensor | np.ndarray | np.generic) and _is_float(v)]
    kinds = {BFLOAT16 if isinstance(v, Tensor) and v.rounded else v.dtype for v in floats}
    return kinds.pop() if len(kinds) == 1 and kinds <= set(DIGITS) else None


def _is_float(v: Tensor | np.ndarray | np.generic) -> bool:
    return v.dtype.kind == "f" or v.dtype == BFLOAT16


def widened(operands: Any, half: np.dtype[Any]) -> Any:
    """Operands with numbers of a half type as float32."""
    if isinstance(operands, Tensor):
        return operands.map(lambda var: cast(var, np.float32)) if operands.dtype == half else operands
    if isinstance(operands, np.ndarray) and operands.dtype == half:
        return operands.astype(np.float32)
    if isinstance(operands, list):
        return [widened(v, half) for v in operands]
    return {k: widened(v, half) for k, v in operands.items()} if isinstance(operands, dict) else operands


def known_as(x: Tensor, half: np.dtype[Any]) -> Tensor:
    """A tensor of numbers of a half type that were only moved."""
    return replace(x, rounded=True) if half == BFLOAT16 and x.dtype == np.float32 else x


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    else:
        yield value


def rtol_of(config: Mapping[str, Any]) -> float:
    """How close a model has to be: 1e-5, or so many ulp of the coarsest half type that one of its layers computes in: 3, one more
    for each of these layers, 8 at most, and 8 where a layer is one of the roughest."""
    halves = [(kind, DIGITS[HALVES[name]]) for kind, name in _policies(config) if name in HALVES]
    ulps = MOST if any(kind in ROUGHEST for kind, _ in halves) else min(ULPS + EACH * len(halves), MOST)
    return max(WHOLE_RTOL, ulps * max((digit for _, digit in halves), default=0.0))


def _policies(value: Any) -> Iterator[tuple[str, str]]:
    """The class and the policy of every layer that computes; an operation has that of a half tensor that it takes."""
    if isinstance(value, Mapping) and str(value.get("module")).startswith("keras.src.ops"):
        yield value["class_name"], next((d for d in _dtypes(value) if d in HALVES), "float32")
    elif isinstance(value, Mapping):
        if isinstance(value.get("config"), Mapping) and value.get("class_name", NO_LAYERS[0]) not in NO_LAYERS:
            yield value["class_name"], policy_of(value["config"])
        for each in value.values():
            yield from _policies(each)
    elif isinstance(value, list):
        for each in value:
            yield from _policies(each)


def _dtypes(value: Any) -> Iterator[str]:
    """The types of the tensors in the calls of an operation, and that which it casts to."""
    if isinstance(value, Mapping):
        if isinstance(value.get("dtype"), str):
            yield value["dtype"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _dtypes(each)
