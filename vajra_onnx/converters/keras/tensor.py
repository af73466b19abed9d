"""Tensor: what flows between layers. Its variable, in the layout in which it was computed; its mask; and how a scale and an
offset that follow could be folded into what computed it.

ONNX convolves and pools with channels first, Keras mostly with channels last. A layer asks for the layout that it wants: the
transposition is made when it is first needed, and a chain of layers that all work with channels first has none between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.values import dtype_of

ROWS = "N"  # what the graph calls the size of the batch
Rescaled = Callable[[np.ndarray, np.ndarray], "Tensor"]


@dataclass(frozen=True)
class Padded:
    """tensor: without the zeros. pads: how many of them, before on every axis of space, then behind. data_format: Keras'."""

    tensor: Tensor
    pads: list[int]
    data_format: str


class Once:
    """A function that is called once at most, and let go of then, with the weights that it holds."""

    def __init__(self, make: Callable[[], Var]) -> None:
        self._make: Callable[[], Var] | None = make
        self._var: Var | None = None

    def __call__(self) -> Var:
        if self._make is not None:
            self._var, self._make = self._make(), None
        assert self._var is not None
        return self._var


@dataclass(frozen=True)
class Tensor:
    """make: computes the variable when it is first asked for. first: it has channels first where the original has them last.
    mask: [N, T] booleans, Keras' mask of the time steps, or None. rescaled: of a linear layer, itself with its outputs times a
    factor and plus an offset per channel; None where its result is needed elsewhere, too. axes: their number,
    where it is known before the tensor is computed. padded: where zeros were put around it, what it was before, for a window that
    can put them there itself. positive: no number in it is below 0. rounded: it holds numbers of bfloat16."""

    make: Callable[[], Var]
    first: bool = False
    mask: Var | None = None
    rescaled: Rescaled | None = None
    axes: int | None = None
    rounded: bool = False
    padded: Padded | None = None
    positive: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.make, Once):
            object.__setattr__(self, "make", Once(self.make))

    @staticmethod
    def of(var: Var, first: bool = False, mask: Var | None = None) -> Tensor:
        """A tensor that is computed already."""
        return Tensor(lambda: var, first, mask)

    @cached_property
    def stored(self) -> Var:
        """The variable in its own layout."""
        return self.make()

    @cached_property
    def var(self) -> Var:
        """The variable in the layout of the original."""
        return moved(self.stored, 1, -1) if self.first else self.stored

    @cached_property
    def channels_first(self) -> Var:
        """The variable with its last axis moved to place 1."""
        return self.stored if self.first else moved(self.stored, -1, 1)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(shape_of(self.stored)) if self.axes is None else self.axes

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element type; strings are numpy's str_."""
        return dtype_of(self.stored)

    @cached_property
    def shape(self) -> tuple[int | None, ...]:
        """The static shape in the layout of the original, None where a size is not known."""
        shape = shape_of(self.stored)
        return (shape[0], *shape[2:], shape[1]) if self.first else shape

    def map(self, function: Callable[[Var], Var]) -> Tensor:
        """An elementwise function of it, in the layout that it has; the mask stays."""
        return Tensor(lambda: function(self.stored), self.first, self.mask)

    def masked(self, mask: Var | None) -> Tensor:
        """The same tensor with another mask."""
        return replace(self, mask=mask)

    def shared(self) -> Tensor:
        """The same tensor, computed for itself: more than one layer needs it."""
        return replace(self, rescaled=None)

    def nonnegative(self) -> Tensor:
        """The same tensor, known to have no number below 0."""
        return replace(self, positive=True)

    def axis(self, axis: int) -> int:
        """An axis of the original as its place in `stored`, counted from 0."""
        axis %= self.rank
        if not self.first or axis == 0:
            return axis
        return 1 if axis == self.rank - 1 else axis + 1


def shape_of(var: Var) -> tuple[int | None, ...]:
    """The static shape, None where a size is not known. Raises UnsupportedError where the number of axes is not."""
    shape = var.unwrap_tensor().shape
    if shape is None:
        raise UnsupportedError("a tensor whose number of axes is not known")
    return tuple(s if isinstance(s, int) else None for s in shape)


def over_batch(x: Tensor, axis: int) -> bool:
    """Whether an axis, counted from 0, is that of the rows: the first one, or where it has gone to."""
    size = x.var.unwrap_tensor().shape
    return size is not None and (size[axis] == ROWS or (axis == 0 and not isinstance(size[0], int)))


def moved(var: Var, source: int, target: int) -> Var:
    """One axis moved to another place, as numpy.moveaxis; no node where nothing moves."""
    rank = len(shape_of(var))
    order = [i for i in range(rank) if i != source % rank]
    order.insert(target % rank, source % rank)
    return var if order == list(range(rank)) else ops.transpose(var, perm=order)
