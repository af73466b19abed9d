"""CityHash64 of text, in the graph: what CatBoost knows categories by.

Source: util/digest/city.cpp of CatBoost, which is CityHash 1.0.0: later versions hash more than 64 bytes otherwise.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.bits import bits, masked, plus, right, rotated, times, xor
from ...graph.loops import iterate
from ...graph.text.words import Words, by_length
from ...graph.values import cast, constant

K0, K1, K2, K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
K128 = 0x9DDFEA08EB382D69
LIMIT = 2**40


def category_hash(text: Var) -> Var:
    """The lower 32 bits of CityHash64, as a signed number: int64 [N]. text: [N], strings of the graph.

    Source: `CalcCatFeatureHash`.
    """
    low = masked(city_hash(text), 2**32 - 1)
    high = cast(ops.greater_or_equal(low, constant(2**31)), np.int64)
    return ops.reshape(ops.sub(low, times(high, 2**32)), constant([-1]))


def city_hash(text: Var) -> Var:
    """int64 [N, 1]."""
    return by_length(Words.of(text), _to_16, _to_32, _to_64, _beyond_64)


def _mixed(x: Var) -> Var:
    """`ShiftMix`."""
    return xor(x, right(x, 47))


def _together(x: Var, y: Var) -> Var:
    """`HashLen16`."""
    a = _mixed(times(xor(x, y), K128))
    return times(_mixed(times(xor(y, a), K128)), K128)


def _to_16(words: Words) -> Var:
    """`HashLen0to16`."""
    length, first, last = words.length, words.first(0), words.last(8)
    turn = ops.min([ops.max([length, constant(1)]), constant(16)])
    nine = xor(_together(first, rotated(plus(last, length), turn)), last)
    low = 2**32 - 1
    four = _together(plus(length, times(masked(first, low), 8)), masked(words.last(4), low))
    middle, end = (masked(words.at(place), 255) for place in (right(length, 1), words.before_end(1)))
    y, z = plus(masked(first, 255), times(middle, 256)), plus(length, times(end, 4))
    one = times(_mixed(xor(times(y, K2), times(z, K3))), K2)
    few = ops.where(words.up_to(0), bits(K2), ops.where(words.up_to(3), one, four))
    return ops.where(words.up_to(8), few, nine)


def _to_32(words: Words) -> Var:
    """`HashLen17to32`."""
    a, b = times(words.first(0), K1), words.first(8)
    c, d = times(words.last(8), K2), times(words.last(16), K0)
    x = plus(rotated(ops.sub(a, b), 43), rotated(c, 30), d)
    y = plus(ops.sub(plus(a, rotated(xor(b, bits(K3)), 20)), c), words.length)
    return _together(x, y)


def _to_64(words: Words) -> Var:
    """`HashLen33to64`."""

    def half(a: Var, z: Var, second: Var, third: Var) -> tuple[Var, Var]:
        b, c = rotated(plus(a, z), 52), rotated(a, 37)
        a = plus(a, second)
        c = plus(c, rotated(a, 7))
        a = plus(a, third)
        return plus(a, z), plus(b, rotated(a, 31), c)

    start = plus(words.first(0), times(plus(words.length, words.last(16)), K0))
    vf, vs = half(start, words.first(24), words.first(8), words.first(16))
    start = plus(words.first(16), words.last(32))
    wf, ws = half(start, words.last(8), words.last(24), words.last(16))
    r = _mixed(plus(times(plus(vf, ws), K2), times(plus(wf, vs), K0)))
    return times(_mixed(plus(times(r, K0), vs)), K2)


def _weak(words: Words, place: Var, a: Var, b: Var) -> tuple[Var, Var]:
    """`WeakHashLen32WithSeeds`."""
    w, x, y, z = (words.at(plus(place, constant(i))) for i in (0, 8, 16, 24))
    a = plus(a, w)
    b = rotated(plus(b, a, z), 21)
    c = a
    a = plus(a, x, y)
    return plus(a, z), plus(b, rotated(a, 44), c)


def _beyond_64(words: Words) -> Var:
    """`CityHash64` of more than 64 bytes: all of them in blocks of 64 but for the last ones, which come first."""
    x, y, z = words.first(0), xor(words.last(16), bits(K1)), xor(words.last(56), bits(K0))
    v = _weak(words, words.before_end(64), words.length, y)
    w = _weak(words, words.before_end(32), times(words.length, K1), bits(K0))
    z = plus(z, times(_mixed(v[1]), K1))
    x, y = times(rotated(plus(z, x), 39), K1), times(rotated(y, 33), K1)

    def block(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        x, y, z, v0, v1, w0, w1 = states
        place = plus(times(words.length, 0), times(i, 64))
        here = ops.less(place, masked(words.before_end(1), -64))
        x = times(rotated(plus(x, y, v0, words.at(plus(place, constant(16)))), 37), K1)
        y = times(rotated(plus(y, v1, words.at(plus(place, constant(48)))), 42), K1)
        x, y, z = xor(x, w1), xor(y, v0), rotated(xor(z, w0), 33)
        v = _weak(words, place, times(v1, K1), plus(x, w0))
        w = _weak(words, plus(place, constant(32)), plus(z, w1), y)
        fresh = [ops.where(here, new, old) for new, old in zip([z, y, x, *v, *w], states, strict=True)]
        return ops.less(times(plus(i, constant(1)), 64), ops.reduce_max(words.before_end(1), keepdims=0)), fresh

    x, y, z, v0, v1, w0, w1 = iterate(LIMIT, [x, y, z, *v, *w], [(-1, 1)] * 7, block)
    return _together(plus(_together(v0, w0), times(_mixed(y), K1), z), plus(_together(v1, w1), x))
