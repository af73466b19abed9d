"""The functions of keras.activations. Source: `keras.src.activations` and `keras.src.backend.tensorflow.nn`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.target import current
from ...graph.values import constant, constant_like, dtype_of
from .layer import Layer
from .tensor import Tensor


def activated(layer: Layer, x: Tensor, key: str = "activation") -> Tensor:
    """A layer's output after the activation that it names. Raises UnsupportedError for one of the user's own."""
    spec = layer.get(key, "linear")
    result = activation(spec)(x)
    return result.nonnegative() if spec in ("relu", "relu6") else result


def is_linear(layer: Layer) -> bool:
    """Whether a layer's activation is none."""
    return layer.get("activation", "linear") in (None, "linear")


def activation(spec: Any) -> Callable[[Tensor], Tensor]:
    """The function of a name, or of a function or activation layer as the file writes it."""
    if spec is None:
        return lambda x: x
    if isinstance(spec, Mapping) and spec.get("class_name") == "__lambda__":
        raise UnsupportedError("a lambda as activation", hint="use keras.ops in a layer of your own, or one of keras.activations")
    if isinstance(spec, Mapping):
        if spec.get("module") == "keras.layers":
            return _layer(spec)
        name = spec.get("config") if spec.get("class_name") == "function" else None
        spec = name if spec.get("registered_name") in (None, "function", name) else f"{spec.get('registered_name')}"
    if spec in ALONG_LAST:
        return ALONG_LAST[spec]
    if spec in ELEMENTWISE:
        return lambda x: x if spec == "linear" else x.map(ELEMENTWISE[spec])
    raise UnsupportedError("activation", expected="one of keras.activations", got=repr(spec))


def _layer(spec: Mapping[str, Any]) -> Callable[[Tensor], Tensor]:
    from .archive import Store
    from .emit import emit

    layer = Layer.of(spec, Store({}, {}, {}))
    return lambda x: emit(layer, [x], {})[0]


def relu(x: Var, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Var:
    """Keras' relu with all of its parameters."""
    if dtype_of(x).kind != "f" and not negative_slope and max_value is None and threshold == 0:
        return ops.max([x, constant_like(x, 0)])  # ONNX Runtime's Relu takes few integers
    if negative_slope and max_value is None and threshold == 0:
        return leaky_relu(x, negative_slope)
    zero = constant_like(x, 0.0)
    kept = x if threshold == 0 else ops.where(ops.greater(x, constant_like(x, threshold)), x, zero)
    kept = ops.relu(kept) if max_value is None else ops.clip(kept, zero, constant_like(x, max_value))
    if negative_slope:
        below = ops.relu(ops.sub(constant_like(x, threshold), x))
        kept = ops.sub(kept, ops.mul(constant_like(x, negative_slope), below))
    return kept


def leaky_relu(x: Var, slope: float = 0.2) -> Var:
    """x above 0, slope * x below."""
    if dtype_of(x) != np.float64:
        return ops.leaky_relu(x, alpha=slope)
    return ops.where(ops.less(x, constant_like(x, 0.0)), ops.mul(x, constant_like(x, slope)), x)


def elu(x: Var, alpha: float = 1.0) -> Var:
    """x above 0, alpha * (exp(x) - 1) below. onnxruntime's own operators of this kind know no float64."""
    if dtype_of(x) != np.float64:
        return ops.elu(x, alpha=alpha)
    zero, one = constant_like(x, 0.0), constant_like(x, 1.0)
    below = ops.mul(constant_like(x, alpha), ops.sub(ops.exp(ops.min([x, zero])), one))
    return ops.where(ops.greater(x, zero), x, below)


def selu(x: Var) -> Var:
    """elu with an alpha and times a factor of its own."""
    if dtype_of(x) != np.float64:
        return ops.selu(x)
    return ops.mul(constant_like(x, 1.0507009873554805), elu(x, 1.6732632423543772))


def softplus(x: Var) -> Var:
    """log(exp(x) + 1)."""
    if dtype_of(x) != np.float64:
        return ops.softplus(x)
    near = ops.log(ops.add(constant_like(x, 1.0), ops.exp(ops.neg(ops.abs(x)))))
    return ops.add(ops.max([x, constant_like(x, 0.0)]), near)


def softsign(x: Var) -> Var:
    """x / (1 + |x|)."""
    if dtype_of(x) != np.float64:
        return ops.softsign(x)
    return ops.div(x, ops.add(constant_like(x, 1.0), ops.abs(x)))


def gelu(x: Var, approximate: bool = False) -> Var:
    """x * Phi(x); the operator where the target has it."""
    if dtype_of(x) == np.float64 and not approximate:
        raise UnsupportedError(
            "gelu of float64", expected="float32, or approximate=True", hint="onnxruntime has no erf of float64"
        )
    if current().opset >= 20:
        return ops.gelu(x, approximate="tanh" if approximate else "none")
    if approximate:
        cube = ops.mul(constant_like(x, 0.044715), ops.mul(x, ops.mul(x, x)))
        phi = ops.tanh(ops.mul(constant_like(x, np.sqrt(2 / np.pi)), ops.add(x, cube)))
    else:
        phi = ops.erf(ops.div(x, constant_like(x, np.sqrt(2))))
    return ops.mul(ops.mul(constant_like(x, 0.5), x), ops.add(constant_like(x, 1.0), phi))


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """Along one axis of the original, in the layout that it has."""
    return x.map(lambda var: ops.softmax(var, axis=x.axis(axis)))


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """The logarithm of softmax, along one axis of the original."""
    return x.map(lambda var: ops.log_softmax(var, axis=x.axis(axis)))


def glu(x: Tensor, axis: int = -1) -> Tensor:
    """The first half of an axis, gated by the sigmoid of the second."""

    def gated(var: Var) -> Var:
        kept, gate = ops.split(var, num_outputs=2, axis=x.axis(axis))
        return ops.mul(kept, ops.sigmoid(gate))

    return x.map(gated)


def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """max(x - tau, 0), as Keras has it: tau is (the sum of the running sums of the largest - 1) / (how many they are)."""

    def projected(var: Var) -> Var:
        place = x.axis(axis)
        size = ops.shape(var, start=place, end=place + 1)
        ordered, _ = ops.top_k(var, size, axis=place)
        total = ops.cumsum(ordered, constant(place, np.int64))
        one, zero = constant_like(var, 1.0), constant_like(var, 0.0)
        counts = ops.cumsum(ops.expand(one, size), constant(0, np.int64))
        shape = constant([-1] + [1] * (x.rank - place - 1), np.int64)
        kept = ops.greater(ops.sub(ordered, ops.div(ops.sub(total, one), ops.reshape(counts, shape))), zero)
        along = constant([place], np.int64)
        many = ops.reduce_sum(ops.where(kept, one, zero), along, keepdims=1)
        tau = ops.div(ops.sub(ops.reduce_sum(ops.where(kept, total, zero), along, keepdims=1), one), many)
        return ops.max([ops.sub(var, tau), zero])

    return x.map(projected)


def silu(x: Var) -> Var:
    """x * sigmoid(x)."""
    return ops.mul(x, ops.sigmoid(x))


def relu6(x: Var) -> Var:
    """Between 0 and 6."""
    return ops.clip(x, constant_like(x, 0.0), constant_like(x, 6.0))


def hard_sigmoid(x: Var) -> Var:
    """relu6(x + 3) / 6; in float32 by the operator, which onnxruntime computes together with the convolution before it, and which
    is off by an ulp of 1 at most."""
    if dtype_of(x) == np.float32:
        return ops.hard_sigmoid(x, alpha=1 / 6, beta=0.5)
    return ops.div(relu6(ops.add(x, constant_like(x, 3.0))), constant_like(x, 6.0))


def log_sigmoid(x: Var) -> Var:
    """log(sigmoid(x))."""
    return ops.neg(softplus(ops.neg(x)))


def celu(x: Var, alpha: float = 1.0) -> Var:
    """max(x, 0) + alpha * expm1(min(x, 0) / alpha)."""
    zero = constant_like(x, 0.0)
    below = elu(ops.div(ops.min([x, zero]), constant_like(x, alpha)))
    return ops.add(ops.max([x, zero]), ops.mul(constant_like(x, alpha), below))


def squareplus(x: Var, b: float = 4.0) -> Var:
    """(x + sqrt(x^2 + b)) / 2."""
    root = ops.sqrt(ops.add(ops.mul(x, x), constant_like(x, b)))
    return ops.div(ops.add(x, root), constant_like(x, 2.0))


def sparse_plus(x: Var) -> Var:
    """0 below -1, x above 1, (x + 1)^2 / 4 between."""
    more = ops.add(x, constant_like(x, 1.0))
    between = ops.mul(constant_like(x, 0.25), ops.mul(more, more))
    above = ops.where(ops.less(x, constant_like(x, 1.0)), between, x)
    return ops.where(ops.less_or_equal(x, constant_like(x, -1.0)), constant_like(x, 0.0), above)


def sparse_sigmoid(x: Var) -> Var:
    """0 below -1, 1 above 1, (x + 1) / 2 between."""
    half = ops.mul(constant_like(x, 0.5), ops.add(x, constant_like(x, 1.0)))
    return ops.clip(half, constant_like(x, 0.0), constant_like(x, 1.0))


def soft_shrink(x: Var, threshold: float = 0.5) -> Var:
    """Towards 0 by the threshold, and 0 where that passes it."""
    limit, zero = constant_like(x, threshold), constant_like(x, 0.0)
    low = ops.where(ops.less(x, ops.neg(limit)), ops.add(x, limit), zero)
    return ops.where(ops.greater(x, limit), ops.sub(x, limit), low)


def hard_shrink(x: Var, threshold: float = 0.5) -> Var:
    """0 within the threshold, x outside."""
    return ops.where(ops.greater(ops.abs(x), constant_like(x, threshold)), x, constant_like(x, 0.0))


ELEMENTWISE: dict[str, Callable[[Var], Var]] = {
    "linear": lambda x: x,
    "relu": relu,
    "relu6": relu6,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "celu": celu,
    "gelu": gelu,
    "silu": silu,
    "swish": silu,
    "mish": lambda x: ops.mul(x, ops.tanh(softplus(x))),
    "sigmoid": lambda x: ops.sigmoid(x),
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": lambda x: ops.mul(x, hard_sigmoid(x)),
    "hard_swish": lambda x: ops.mul(x, hard_sigmoid(x)),
    "log_sigmoid": log_sigmoid,
    "tanh": lambda x: ops.tanh(x),
    "hard_tanh": lambda x: ops.clip(x, constant_like(x, -1.0), constant_like(x, 1.0)),
    "tanh_shrink": lambda x: ops.sub(x, ops.tanh(x)),
    "soft_shrink": soft_shrink,
    "hard_shrink": hard_shrink,
    "softplus": softplus,
    "softsign": softsign,
    "squareplus": squareplus,
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": sparse_sigmoid,
    "exponential": lambda x: ops.exp(x),
    "exp": lambda x: ops.exp(x),
}
ALONG_LAST: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "glu": glu,
    "sparsemax": sparsemax,
}
