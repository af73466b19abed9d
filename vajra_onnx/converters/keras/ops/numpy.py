"""keras.ops.numpy: arithmetic, comparisons, reductions and shapes. Source: `keras.src.ops.numpy`.

Every operand counts, tensors and numbers alike: `x + 3` is the call `Add(x, 3.0)` in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like, dtype_of
from ..emit import operation
from ..layer import Layer
from ..layers.merging import joined
from ..tensor import Tensor
from ..values import ints, promoted

BINARY: dict[str, Callable[[Var, Var], Var]] = {
    "Add": lambda a, b: ops.add(a, b),
    "Subtract": lambda a, b: ops.sub(a, b),
    "Multiply": lambda a, b: ops.mul(a, b),
    "Maximum": lambda a, b: ops.max([a, b]),
    "Minimum": lambda a, b: ops.min([a, b]),
    "Power": lambda a, b: ops.pow(a, b),
    "Greater": lambda a, b: ops.greater(a, b),
    "GreaterEqual": lambda a, b: ops.greater_or_equal(a, b),
    "Less": lambda a, b: ops.less(a, b),
    "LessEqual": lambda a, b: ops.less_or_equal(a, b),
    "Equal": lambda a, b: ops.equal(a, b),
    "NotEqual": lambda a, b: ops.not_(ops.equal(a, b)),
}
UNARY: dict[str, Callable[[Var], Var]] = {
    "Negative": lambda x: ops.neg(x),
    "Absolute": lambda x: ops.abs(x),
    "Square": lambda x: ops.mul(x, x),
    "Sign": lambda x: ops.sign(x),
}
FLOATING: dict[str, Callable[[Var], Var]] = {
    "Sqrt": lambda x: ops.sqrt(x),
    "Exp": lambda x: ops.exp(x),
    "Log": lambda x: ops.log(x),
    "Sin": lambda x: ops.sin(x),
    "Cos": lambda x: ops.cos(x),
    "Tanh": lambda x: ops.tanh(x),
    "Reciprocal": lambda x: ops.reciprocal(x),
    "Floor": lambda x: ops.floor(x),
    "Ceil": lambda x: ops.ceil(x),
}


@operation("numpy", *BINARY)
def binary(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """Of two tensors, or of a tensor and a number, in their common type."""
    return paired(BINARY[layer.class_name], x1, x2)


@operation("numpy", "Divide", "TrueDivide")
def divide(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """In floats, whatever comes in."""
    return paired(lambda a, b: ops.div(floating(a), floating(b)), x1, x2)


@operation("numpy", "LogicalAnd", "LogicalOr")
def logical(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """Of booleans, or of what is not 0."""
    function = ops.and_ if layer.class_name == "LogicalAnd" else ops.or_
    return paired(lambda a, b: function(cast(a, np.bool_), cast(b, np.bool_)), x1, x2)


@operation("numpy", "LogicalNot")
def logical_not(layer: Layer, x: Tensor) -> Tensor:
    """Of booleans, or of what is not 0."""
    return _unmasked(x.map(lambda var: ops.not_(cast(var, np.bool_))))


@operation("numpy", *UNARY)
def unary(layer: Layer, x: Tensor) -> Tensor:
    """Elementwise, in the type that it has."""
    return _unmasked(x.map(UNARY[layer.class_name]))


@operation("numpy", *FLOATING)
def unary_floating(layer: Layer, x: Tensor) -> Tensor:
    """Elementwise, in floats."""
    return _unmasked(x.map(lambda var: FLOATING[layer.class_name](floating(var))))


@operation("numpy", "Clip")
def clip(layer: Layer, x: Tensor) -> Tensor:
    """Between two numbers."""
    low, high = layer.get("x_min"), layer.get("x_max")
    if not all(isinstance(v, int | float) for v in (low, high)) or x.dtype.kind != "f":
        raise UnsupportedError("clip", expected="floats between two numbers", got=f"{x.dtype} between {low} and {high}")
    return _unmasked(x.map(lambda var: ops.clip(var, constant_like(var, low), constant_like(var, high))))


@operation("numpy", "Where")
def where(layer: Layer, condition: Tensor, x1: Any, x2: Any) -> Tensor:
    """x1 where the condition is true or not 0, x2 elsewhere."""
    a, b = promoted(x1, x2)
    return Tensor.of(ops.where(cast(condition.var, np.bool_), a, b))


@operation("numpy", "Mean", "Sum", "Max", "Min", "Prod")
def reduced(layer: Layer, x: Tensor) -> Tensor:
    """Over some axes, never over the batch: rows have nothing to do with each other in a graph that is served."""
    layer.only("initial", None)
    layer.only("dtype", None)
    axes = _axes(layer, x)
    keep = int(layer.get("keepdims", False))
    function = {
        "Mean": ops.reduce_mean, "Sum": ops.reduce_sum, "Max": ops.reduce_max, "Min": ops.reduce_min, "Prod": ops.reduce_prod,
    }[layer.class_name]  # fmt: skip
    if x.dtype.kind == "b" or (layer.class_name in ("Sum", "Prod") and x.dtype.kind != "f"):
        raise UnsupportedError(f"{layer.class_name} of {x.dtype}", expected="floats")
    var = floating(x.var) if layer.class_name == "Mean" else x.var
    return Tensor.of(function(var, ints(axes), keepdims=keep))


@operation("numpy", "Argmax", "Argmin")
def argument(layer: Layer, x: Tensor) -> Tensor:
    """The place of the first largest or smallest, int32."""
    axis = layer.get("axis")
    if axis is None or axis % x.rank == 0:
        raise UnsupportedError(f"{layer.class_name} over the batch")
    function = ops.arg_max if layer.class_name == "Argmax" else ops.arg_min
    return Tensor.of(cast(function(x.var, axis=axis % x.rank, keepdims=int(layer.get("keepdims", False))), np.int32))


@operation("numpy", "Reshape")
def reshape(layer: Layer, x: Tensor) -> Tensor:
    """Another shape; the first size is the batch's."""
    shape = list(layer.get("newshape"))
    if shape[0] not in (-1, None) or any(s in (-1, None) for s in shape[1:]):
        raise UnsupportedError("reshape", expected="(-1, ...) with fixed sizes after it", got=repr(shape))
    return Tensor.of(ops.reshape(x.var, ints([-1, *shape[1:]])))


@operation("numpy", "Transpose")
def transpose(layer: Layer, x: Tensor) -> Tensor:
    """Axes in another order; the batch stays first."""
    axes = layer.get("axes")
    if axes is None or axes[0] != 0:
        raise UnsupportedError("transpose of the batch's axis", got=repr(axes))
    return Tensor.of(ops.transpose(x.var, perm=[a % x.rank for a in axes]))


@operation("numpy", "ExpandDims")
def expand_dims(layer: Layer, x: Tensor) -> Tensor:
    """A new axis of size 1."""
    axis = layer.get("axis")
    axes = [axis] if isinstance(axis, int) else list(axis)
    places = [a % (x.rank + len(axes)) for a in axes]
    if 0 in places:
        raise UnsupportedError("expand_dims before the batch's axis")
    return Tensor.of(ops.unsqueeze(x.var, ints(places)))


@operation("numpy", "Squeeze")
def squeeze(layer: Layer, x: Tensor) -> Tensor:
    """Axes of size 1 left out."""
    axis = layer.get("axis")
    known = [i for i, size in enumerate(x.shape) if size == 1 and i > 0]
    axes = known if axis is None else [a % x.rank for a in ([axis] if isinstance(axis, int) else axis)]
    return Tensor.of(ops.squeeze(x.var, ints(axes)) if axes else x.var)


@operation("numpy", "Concatenate")
def concatenate(layer: Layer, xs: Sequence[Tensor]) -> Tensor:
    """Side by side along an axis."""
    axis = layer.get("axis", -1)
    parts = promoted(*xs)
    if all(x.dtype == dtype_of(parts[0]) for x in xs):
        return Tensor(*joined(list(xs), axis))
    return Tensor.of(ops.concat(parts, axis=axis % xs[0].rank))


@operation("numpy", "Stack")
def stack(layer: Layer, x: Sequence[Tensor]) -> Tensor:
    """Side by side along a new axis."""
    axis = layer.get("axis", 0) % (x[0].rank + 1)
    return Tensor.of(ops.concat([ops.unsqueeze(part, ints(axis)) for part in promoted(*x)], axis=axis))


@operation("numpy", "Matmul")
def matmul(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The matrix product of the last two axes."""
    a, b = promoted(x1, x2)
    return Tensor.of(ops.matmul(a, b))


@operation("numpy", "GetItem")
def get_item(layer: Layer, x: Tensor, key: Any) -> Tensor:
    """Slices, single places, new axes and an ellipsis; the batch's axis whole."""
    keys = list(key) if isinstance(key, list) else [key]
    if all(isinstance(k, int) for k in keys) and isinstance(key, list):
        raise UnsupportedError("x[...] with a list of places", hint="use keras.ops.take(x, places, axis)")
    if any(k is ... for k in keys):
        place = next(i for i, k in enumerate(keys) if k is ...)
        whole = x.rank - sum(k is not None and k is not ... for k in keys)
        keys[place : place + 1] = [slice(None)] * whole
    if not keys or not isinstance(keys[0], slice) or keys[0] != slice(None):
        raise UnsupportedError("x[...] that selects among the rows of a batch", expected="x[:, ...]", got=repr(keys[:1]))
    return Tensor.of(_sliced(x.var, keys))


def _sliced(var: Var, keys: list[Any]) -> Var:
    begins, ends, axes, steps, dropped, added = [], [], [], [], [], []
    axis = kept = 0
    for key in keys:
        if key is None:
            added.append(kept)
            kept += 1
            continue
        if isinstance(key, int):
            part = slice(key, key + 1 if key != -1 else None)
            dropped.append(axis)
        elif isinstance(key, slice) and all(isinstance(v, int | None) for v in (key.start, key.stop, key.step)):
            part, kept = key, kept + 1
        else:
            raise UnsupportedError("x[...]", expected="slices, integers, None and ...", got=repr(key)[:60])
        if part != slice(None):
            step = 1 if part.step is None else part.step
            far = np.iinfo(np.int64).max if step > 0 else np.iinfo(np.int64).min
            begins.append((0 if step > 0 else np.iinfo(np.int64).max) if part.start is None else part.start)
            ends.append(far if part.stop is None else part.stop)
            axes.append(axis)
            steps.append(step)
        axis += 1
    if axes:
        var = ops.slice(var, ints(begins), ints(ends), ints(axes), ints(steps))
    if dropped:
        var = ops.squeeze(var, ints(dropped))
    return ops.unsqueeze(var, ints(added)) if added else var


def paired(function: Callable[[Var, Var], Var], x1: Any, x2: Any) -> Tensor:
    """A function of two operands, with channels first where both are tensors of one rank, or where the other is a number."""
    tensors = [v for v in (x1, x2) if isinstance(v, Tensor)]
    first = any(t.first for t in tensors)
    alike = len({t.rank for t in tensors}) == 1 and (len(tensors) == 2 or np.ndim(x1 if tensors[0] is x2 else x2) == 0)
    if not first or not alike:
        return Tensor.of(function(*promoted(x1, x2)))
    moved = [Tensor.of(v.channels_first) if isinstance(v, Tensor) else v for v in (x1, x2)]
    return Tensor.of(function(*promoted(*moved)), first=True)


def floating(var: Var) -> Var:
    """Floats as they are, everything else as float32."""
    return var if dtype_of(var).kind == "f" else cast(var, np.float32)


def _unmasked(x: Tensor) -> Tensor:
    """Operations know no masks."""
    return x.masked(None)


def _axes(layer: Layer, x: Tensor) -> list[int]:
    axis = layer.get("axis")
    axes = [] if axis is None else sorted(a % x.rank for a in ([axis] if isinstance(axis, int) else axis))
    if not axes or axes[0] == 0:
        raise UnsupportedError(f"{layer.class_name} over the batch", expected="axes after the first", got=repr(axis))
    return axes
