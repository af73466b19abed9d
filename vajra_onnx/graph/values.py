"""Constants and casts: how numpy values enter the graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import spox
from spox import Tensor, Var
from spox._future import initializer

from ..errors import UnsupportedError
from . import ops
from .target import current

# Below this many bytes a constant is known to spox: its value then takes part in shape inference (Reshape, ReduceSum).
LATE_BOUND_BYTES = 1024


def constant(value: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> Var:
    """A constant tensor. Large ones are bound late, as initializers: spox would copy them at every step (16 s for 168 MB)."""
    array = np.asarray(value, dtype=dtype)
    if array.dtype == object:
        array = text_array(array)
    if array.dtype.kind == "U":
        return ops.const(array)
    if array.nbytes >= LATE_BOUND_BYTES:
        return late_bound(array)
    var = initializer(array)
    current().known[id(var)] = var, array
    return var


def text_array(values: Any) -> np.ndarray:
    """Text as numpy's fixed-width strings. They end at their last character that is not NUL, so that "a" and "a\\0" would
    become one: text that ends in NUL is refused."""
    listed = np.asarray(values, dtype=object)
    if any(str(value).endswith("\0") for value in listed.ravel()):
        raise UnsupportedError("text that ends in a NUL character, which numpy cannot tell from text without it")
    return listed.astype(np.str_)


def late_bound(array: np.ndarray) -> Var:
    """A weight that joins the graph as an initializer when the model is built."""
    var = spox.argument(Tensor(array.dtype, array.shape))
    current().weights.append((var, np.ascontiguousarray(array)))
    return var


def deferred(shape: tuple[int, ...], dtype: npt.DTypeLike, make: Callable[[], np.ndarray]) -> Var:
    """A weight that is not even read before it joins the graph; a small one is a constant at once. make: an array of this shape,
    of any type of numbers."""
    kind = np.dtype(dtype)
    if math.prod(shape) * kind.itemsize < LATE_BOUND_BYTES:
        return constant(make(), kind)
    var = spox.argument(Tensor(kind, shape))
    current().weights.append((var, lambda: np.asarray(make(), kind)))
    return var


def dtype_of(x: Var) -> np.dtype[Any]:
    """The element type of a tensor; strings are numpy's str_."""
    return np.dtype(x.unwrap_tensor().dtype)


def width_of(x: Var) -> int | None:
    """The static size of the last axis, or None where it is not known."""
    shape = x.unwrap_tensor().shape
    size = shape[-1] if shape else None
    return size if isinstance(size, int) else None


def constant_like(x: Var, value: npt.ArrayLike) -> Var:
    """A constant in the element type of `x`."""
    return constant(value, dtype_of(x))


def cast(x: Var, dtype: npt.DTypeLike) -> Var:
    """`x` in this element type; no node where it has it already."""
    wanted = np.dtype(dtype)
    return x if dtype_of(x) == wanted else ops.cast(x, to=wanted.type)


def concat(parts: list[Var], axis: int = 1) -> Var:
    """The parts side by side; no node for a single one."""
    return parts[0] if len(parts) == 1 else ops.concat(parts, axis=axis)


def squeezed(x: Var) -> Var:
    """[N, 1] as [N]; anything wider stays: what boosters answer for one output, and for several."""
    shape = x.unwrap_tensor().shape
    return ops.reshape(x, constant([-1], np.int64)) if shape is not None and shape[1:] == (1,) else x


def is_string(x: Var) -> bool:
    """Whether `x` holds strings."""
    return dtype_of(x).kind == "U"
