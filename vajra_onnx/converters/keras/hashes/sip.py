"""SipHash-2-4 of text, in the graph: `tf.strings.to_hash_bucket_strong`. Source: Aumasson and Bernstein, SipHash (2012)."""

from __future__ import annotations

from collections.abc import Sequence

from spox import Var

from ....graph import ops
from ....graph.bits import bits, plus, right, rotated, times, xor
from ....graph.loops import iterate
from ....graph.text.words import Words

START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
LIMIT = 2**40


def sip_hash(words: Words, key: Sequence[int]) -> Var:
    """The 64 bits as int64 [N, 1]. key: two numbers of 64 bits."""
    zero = times(words.length, 0)
    states = [plus(zero, bits(start ^ (key[i % 2] % 2**64))) for i, start in enumerate(START)]
    blocks = right(words.length, 3)  # the whole ones; the last one holds the rest, and the length in its highest byte
    most = ops.reduce_max(blocks, keepdims=0)

    def block(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        number = plus(zero, i)
        here = ops.less_or_equal(number, blocks)
        place = times(ops.where(here, number, zero), 8)
        # Behind the end of a text are zeros.
        word = plus(words.at(place), ops.where(ops.equal(number, blocks), times(words.length, 2**56), zero))
        a, b, c, d = states
        a, b, c, d = _round(_round((a, b, c, xor(d, word))))
        fresh = [xor(a, word), b, c, d]
        return ops.less(i, most), [ops.where(here, new, old) for new, old in zip(fresh, states, strict=True)]

    a, b, c, d = iterate(LIMIT, states, [(-1, 1)] * 4, block)
    last = (a, b, xor(c, bits(0xFF)), d)
    for _ in range(4):
        last = _round(last)
    a, b, c, d = last
    return xor(xor(a, b), xor(c, d))


def _round(state: tuple[Var, Var, Var, Var]) -> tuple[Var, Var, Var, Var]:
    """`SipRound`: rotations to the left are rotations to the right by the rest of 64."""
    a, b, c, d = state
    a, c = plus(a, b), plus(c, d)
    b, d = xor(rotated(b, 64 - 13), a), xor(rotated(d, 64 - 16), c)
    a = rotated(a, 32)
    c, a = plus(c, b), plus(a, d)
    b, d = xor(rotated(b, 64 - 17), c), xor(rotated(d, 64 - 21), a)
    return a, b, rotated(c, 32), d
