"""FarmHash's Fingerprint64 of text, in the graph: `tf.strings.to_hash_bucket_fast`.

Source: `farmhashna::Hash64` of FarmHash 1.1, function by function.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.bits import bits, masked, plus, right, rotated, times, xor
from ....graph.loops import iterate
from ....graph.text.words import Words, by_length
from ....graph.values import constant

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
SEED = 81
LIMIT = 2**40
LOW_32 = 2**32 - 1

Pair = tuple[Var, Var]


def fingerprint(words: Words) -> Var:
    """The 64 bits as int64 [N, 1]."""
    return by_length(words, _to_16, _to_32, _to_64, _beyond_64)


def _mixed(x: Var) -> Var:
    """`ShiftMix`."""
    return xor(x, right(x, 47))


def _together(u: Var, v: Var, factor: Var) -> Var:
    """`HashLen16` of three arguments."""
    a = _mixed(ops.mul(xor(u, v), factor))
    return ops.mul(_mixed(ops.mul(xor(v, a), factor)), factor)


def _factor(words: Words) -> Var:
    return plus(bits(K2), times(words.length, 2))


def _to_16(words: Words) -> Var:
    """`HashLen0to16`."""
    length, factor, first, last = words.length, _factor(words), words.first(0), words.last(8)
    a = plus(first, bits(K2))
    eight = _together(plus(ops.mul(rotated(last, 37), factor), a), ops.mul(plus(rotated(a, 25), last), factor), factor)
    four = _together(plus(length, times(masked(first, LOW_32), 8)), masked(words.last(4), LOW_32), factor)
    middle, end = (masked(words.at(place), 255) for place in (right(length, 1), words.before_end(1)))
    y, z = plus(masked(first, 255), times(middle, 256)), plus(length, times(end, 4))
    one = times(_mixed(xor(times(y, K2), times(z, K0))), K2)
    few = ops.where(words.up_to(0), bits(K2), ops.where(words.up_to(3), one, four))
    return ops.where(words.up_to(7), few, eight)


def _ends(words: Words, first: int) -> tuple[Var, Var, Var]:
    """What hashes of 17 to 64 bytes have in common: their first number, and the two arguments of the first `HashLen16`."""
    factor = _factor(words)
    a, b = times(words.first(0), first), words.first(8)
    c, d = ops.mul(words.last(8), factor), times(words.last(16), K2)
    return a, plus(rotated(plus(a, b), 43), rotated(c, 30), d), plus(a, rotated(plus(b, bits(K2)), 18), c)


def _to_32(words: Words) -> Var:
    """`HashLen17to32`."""
    _, y, z = _ends(words, K1)
    return _together(y, z, _factor(words))


def _to_64(words: Words) -> Var:
    """`HashLen33to64`."""
    factor = _factor(words)
    a, y, z = _ends(words, K2)
    z = _together(y, z, factor)
    e, f = ops.mul(words.first(16), factor), words.first(24)
    g, h = ops.mul(plus(y, words.last(32)), factor), ops.mul(plus(z, words.last(24)), factor)
    return _together(plus(rotated(plus(e, f), 43), rotated(g, 30), h), plus(e, rotated(plus(f, a), 18), g), factor)


def _weak(words: Words, place: Var, a: Var, b: Var) -> Pair:
    """`WeakHashLen32WithSeeds`."""
    w, x, y, z = (words.at(plus(place, constant(i))) for i in (0, 8, 16, 24))
    a = plus(a, w)
    b = rotated(plus(b, a, z), 21)
    c = a
    a = plus(a, x, y)
    return plus(a, z), plus(b, rotated(a, 44), c)


def _beyond_64(words: Words) -> Var:
    """`Hash64` of more than 64 bytes: whole blocks of 64 from the start, then the last 64 bytes, mixed in another way."""
    zero, last = times(words.length, 0), words.before_end(1)
    start = (SEED * K1 + 113) % 2**64
    z = plus(zero, times(_mixed(bits(start * K2 + 113)), K2))
    states = [plus(words.first(0), bits(SEED * K2)), plus(zero, bits(start)), z, zero, zero, zero, zero]

    def mixed(states: list[Var], place: Var, factor: Var, nine: int) -> list[Var]:
        """One block. nine: 9 in the last one, where some terms weigh as much, else 1."""
        x, y, z, v0, v1, w0, w1 = states
        x = ops.mul(rotated(plus(x, y, v0, words.at(plus(place, constant(8)))), 37), factor)
        y = ops.mul(rotated(plus(y, v1, words.at(plus(place, constant(48)))), 42), factor)
        x = xor(x, times(w1, nine))
        y = plus(y, times(v0, nine), words.at(plus(place, constant(40))))
        z = ops.mul(rotated(plus(z, w0), 33), factor)
        v = _weak(words, place, ops.mul(v1, factor), plus(x, w0))
        w = _weak(words, plus(place, constant(32)), plus(z, w1), plus(y, words.at(plus(place, constant(16)))))
        return [z, y, x, *v, *w]

    def block(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        place = plus(zero, times(i, 64))
        here = ops.less(place, masked(last, -64))
        fresh = mixed(states, ops.where(here, place, zero), bits(K1), 1)
        going = ops.less(times(plus(i, constant(1)), 64), masked(ops.reduce_max(last, keepdims=0), -64))
        return going, [ops.where(here, new, old) for new, old in zip(fresh, states, strict=True)]

    x, y, z, v0, v1, w0, w1 = iterate(LIMIT, states, [(-1, 1)] * 7, block)
    factor = plus(bits(K1), times(masked(z, 255), 2))
    w0 = plus(w0, masked(last, 63))
    v0 = plus(v0, w0)
    w0 = plus(w0, v0)
    x, y, z, v0, v1, w0, w1 = mixed([x, y, z, v0, v1, w0, w1], words.before_end(64), factor, 9)
    # The block has exchanged x and z already: what `Hash64` calls z is the first of them here, as after its own swap.
    first = plus(_together(v0, w0, factor), times(_mixed(y), K0), z)
    return _together(first, plus(_together(v1, w1, factor), x), factor)


def fingerprint_of_two(first: Var, second: Var) -> Var:
    """`FingerprintCat64`: one fingerprint after another. Source: tsl/platform/fingerprint.h of TensorFlow."""
    factor = 0xC6A4A7935BD1E995
    result = times(xor(xor(first, bits(factor)), times(_mixed(times(second, factor)), factor)), factor)
    return _mixed(times(_mixed(result), factor))


def remainder(unsigned: Var, divisor: int) -> Var:
    """64 unsigned bits modulo a positive int64: int64."""
    return ops.cast(ops.mod(ops.cast(unsigned, to=np.uint64), constant(divisor, np.uint64)), to=np.int64)
