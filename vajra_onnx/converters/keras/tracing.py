"""A call on symbolic tensors, in which `keras.ops.shape` gives numbers for sizes that nobody knows yet (see `symbols`).

Keras itself traces a call with a backend's own symbolic sizes; its symbolic tensors have None there, of which no shape can be
made. What is made of a shape alone, such as zeros for every row, has one row in the graph, and ONNX repeats it. What depends on
a size in any other way is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np

from .symbols import BATCH, UNKNOWN

FILLED = ("zeros", "ones", "full", "broadcast_to", "tile", "repeat", "reshape")
COUNTED = ("arange", "eye", "identity", "tri", "linspace", "cast", "convert_to_tensor")


class Size(int):
    """A size that is not known: it may be a factor of another one, and nothing else."""

    def __mul__(self, other: int) -> Size:
        return Size(int(self) * int(other))

    __rmul__ = __mul__

    def _refused(self, *_: object) -> Any:
        raise TypeError("a size that is not fixed, as a number")

    __add__ = __radd__ = __sub__ = __rsub__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refused
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __float__ = __neg__ = _refused


@contextmanager
def symbolic_sizes() -> Iterator[None]:
    """Within it sizes that are not known are numbers."""
    kept = {name: getattr(keras.ops, name) for name in ("shape", *FILLED, *COUNTED)}
    try:
        keras.ops.shape = partial(_shape, kept["shape"])
        for name in FILLED:
            setattr(keras.ops, name, partial(_made, kept[name], _one_row))
        for name in COUNTED:
            setattr(keras.ops, name, partial(_made, kept[name], _known))
        yield
    finally:
        for name, function in kept.items():
            setattr(keras.ops, name, function)


def _shape(function: Callable[[Any], Any], x: Any) -> Any:
    shape = function(x)
    if not isinstance(x, keras.KerasTensor):
        return shape
    return tuple(Size(UNKNOWN[i]) if s is None else Size(s) if s == BATCH else s for i, s in enumerate(shape))


def _made(function: Callable[..., Any], change: Callable[[Any], Any], *args: Any, **kwargs: Any) -> Any:
    symbolic = any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten((args, kwargs)))
    change = _plain if symbolic else change
    args, kwargs = keras.tree.map_structure(change, (args, kwargs))
    return function(*args, **kwargs)


def _one_row(value: Any) -> Any:
    """The number of rows as 1, also in a vector of sizes."""
    if isinstance(value, Size):
        return 1 if value == BATCH else _known(value)
    if keras.ops.is_tensor(value) and "int" in keras.backend.standardize_dtype(value.dtype) and value.ndim == 1:
        array = np.asarray(keras.ops.convert_to_numpy(value))
        return np.where(array == BATCH, 1, array).tolist()
    return value


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Size) else value


def _known(value: Any) -> Any:
    if isinstance(value, Size):
        raise TypeError("a size that is not fixed, as a number")
    return value
