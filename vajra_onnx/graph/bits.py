"""Arithmetic on 64 bits: sums and products of int64 wrap around, shifts take the bits as they are."""

from __future__ import annotations

import numpy as np
from spox import Var

from . import ops
from .values import cast, constant


def bits(value: int) -> Var:
    """A constant of 64 bits. value: 0 to 2**64 - 1, or a negative int64."""
    return constant(np.array(value % 2**64, np.uint64).view(np.int64))


def plus(*terms: Var) -> Var:
    """The sum."""
    total, *rest = terms
    for term in rest:
        total = ops.add(total, term)
    return total


def times(x: Var, factor: int) -> Var:
    """x * factor."""
    return ops.mul(x, bits(factor))


def masked(x: Var, mask: int) -> Var:
    """x & mask."""
    return ops.bitwise_and(x, bits(mask))


def xor(x: Var, y: Var) -> Var:
    """x ^ y."""
    return ops.bitwise_xor(x, y)


def right(x: Var, by: int | Var) -> Var:
    """x >> by, zeros coming in; by: 0 to 63, of each element where it is a variable."""
    return cast(_right(cast(x, np.uint64), by), np.int64)


def rotated(x: Var, by: int | Var, width: int = 64) -> Var:
    """The lower `width` bits of x (all others 0) rotated to the right. by: 1 to width - 1."""
    whole = cast(x, np.uint64)
    rest = ops.sub(constant(width), by) if isinstance(by, Var) else width - by
    both = cast(ops.bitwise_or(_right(whole, by), ops.bit_shift(whole, _amount(rest), direction="LEFT")), np.int64)
    return both if width == 64 else masked(both, 2**width - 1)


def _right(x: Var, by: int | Var) -> Var:
    return ops.bit_shift(x, _amount(by), direction="RIGHT")


def _amount(by: int | Var) -> Var:
    return cast(by, np.uint64) if isinstance(by, Var) else constant(by, np.uint64)
