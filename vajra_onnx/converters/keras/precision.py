"""Half precision: what Keras' policies float16, bfloat16, mixed_float16 and mixed_bfloat16 round, and how far that may be off.

Keras casts every float that enters a layer, its weights and its results to the policy's compute type. So does the graph. In
between it computes in float32: TensorFlow's kernels round on their way, too, each in an order of its own. Between layers float16
is float16 in the graph; bfloat16, which numpy does not have, is float32 that holds numbers of bfloat16.
Source: `keras.src.dtype_policies` and `keras.src.layers.layer.Layer.__call__`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def rtol_of(config: Mapping[str, Any]) -> float:
    """How close a model has to be: 1e-5, or so many ulp of the coarsest half type that one of its layers computes in: 3, one more
    for each of these layers, 8 at most, and 8 where a layer is one of the roughest."""
    halves = [(kind, DIGITS[HALVES[name]]) for kind, name in _policies(config) if name in HALVES]
    ulps = MOST if any(kind in ROUGHEST for kind, _ in halves) else min(ULPS + EACH * len(halves), MOST)
    return max(WHOLE_RTOL, ulps * max((digit for _, digit in halves), default=0.0))


def _policies(value: Any) -> Iterator[tuple[str, str]]:
    """The class and the policy of every layer that computes."""
    if isinstance(value, Mapping):
        if isinstance(value.get("config"), Mapping) and value.get("class_name", NO_LAYERS[0]) not in NO_LAYERS:
            yield value["class_name"], policy_of(value["config"])
        for each in value.values():
            yield from _policies(each)
    elif isinstance(value, list):
        for each in value:
            yield from _policies(each)
