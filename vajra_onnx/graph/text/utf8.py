"""The bytes of text. No operator tells them, but ONNX Runtime hashes text, and the hash of one character can be undone.

MurmurHash3 of up to four bytes is a chain of steps each of which has an inverse: multiplications by odd numbers, rotations,
exclusive ors with a shift.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ...frames.missing import MARK
from .. import contrib, ops
from ..bits import masked, plus, right, rotated, times, xor
from ..values import cast, concat, constant

ALL_32 = 2**32 - 1
# The characters of at least two, three, four bytes.
LONGER = (r"[\x{80}-\x{10ffff}]", r"[\x{800}-\x{10ffff}]", r"[\x{10000}-\x{10ffff}]")


def utf8(text: Var, padding: int) -> tuple[Var, Var]:
    """The bytes of each text, int64 [N, B], zeros behind them, at least `padding`; and their number, int64 [N, 1].

    text: [N], as the graph's strings are: the mark in front of a text that starts with U+FDD0 is taken off.
    """
    characters = contrib.characters(text)
    end = ops.expand(constant(""), concat([ops.shape(characters, end=1), constant([1])], axis=0))
    characters = concat([characters, end])  # so that there is one, if only texts without any came
    first = ops.slice(characters, constant([0]), constant([1]), constant([1]))
    others = ops.slice(characters, constant([1]), constant([2**31]), constant([1]))
    characters = concat([ops.where(ops.equal(first, constant(MARK)), constant(""), first), others])
    count = _count(characters)
    length = ops.reduce_sum(count, constant([1]))
    return _placed(_word(characters, count), count, length, padding), length


def _count(characters: Var) -> Var:
    """The number of bytes of each character, 0 for "". [N, L] -> int64 [N, L]."""
    some = cast(ops.not_(ops.equal(characters, constant(""))), np.int64)
    return plus(some, *(cast(ops.regex_full_match(characters, pattern=pattern), np.int64) for pattern in LONGER))


def _word(characters: Var, count: Var) -> Var:
    """The bytes of each character as one number, the first byte the lowest. [N, L] -> int64 [N, L].

    The steps of MurmurHash3 x86 32 backwards: the last mixing, the length, for four bytes their own step, the first mixing.
    """
    x = masked(cast(contrib.murmur_hash(characters), np.int64), ALL_32)
    x = xor(x, right(x, 16))
    x = _divided(x, 0xC2B2AE35)
    x = xor(xor(x, right(x, 13)), right(x, 26))
    x = _divided(x, 0x85EBCA6B)
    x = xor(xor(x, right(x, 16)), count)
    four = rotated(_divided(masked(ops.sub(x, constant(0xE6546B64)), ALL_32), 5), 13, width=32)
    x = ops.where(ops.equal(count, constant(4)), four, x)
    return _divided(rotated(_divided(x, 0x1B873593), 15, width=32), 0xCC9E2D51)


def _divided(x: Var, odd: int) -> Var:
    """The 32-bit number whose product with this odd one has the lower 32 bits x."""
    return masked(times(x, pow(odd, -1, 2**32)), ALL_32)


def _placed(word: Var, count: Var, length: Var, padding: int) -> Var:
    """The bytes of all characters one behind another, [N, B]. What is no byte goes to a last column, which is cut off."""
    word, count = (ops.unsqueeze(x, constant([2])) for x in (word, count))
    start = ops.cumsum(count, constant(1), exclusive=1)
    each = constant(np.arange(4)[None, None, :])
    width = ops.add(ops.reduce_max(length, keepdims=0), constant(padding))
    values = masked(right(word, ops.mul(each, constant(8))), 255)
    place = ops.where(ops.less(each, count), ops.add(start, each), width)
    flat = constant([0, -1])
    room = ops.expand(
        constant(0), concat([ops.shape(word, end=1), ops.reshape(ops.add(width, constant(1)), constant([1]))], axis=0)
    )
    filled = ops.scatter_elements(room, ops.reshape(place, flat), ops.reshape(values, flat), axis=1)
    return ops.slice(filled, constant([0]), constant([-1]), constant([1]))
