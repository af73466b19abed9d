"""CityHash64 of text, in the graph: what CatBoost knows categories by.

Source: util/digest/city.cpp of CatBoost, which is CityHash 1.0.0: later versions hash more than 64 bytes otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.loops import iterate
from ...graph.values import cast, constant
from .bits import bits, masked, plus, right, rotated, times, xor
from .utf8 import utf8

K0, K1, K2, K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
K128 = 0x9DDFEA08EB382D69
LIMIT = 2**40

Fetch = Callable[[Var], Var]


def category_hash(text: Var) -> Var:
    """The lower 32 bits of CityHash64, as a signed number: int64 [N]. text: [N], strings of the graph.

    Source: `CalcCatFeatureHash`.
    """
    low = masked(city_hash(text), 2**32 - 1)
    high = cast(ops.greater_or_equal(low, constant(2**31)), np.int64)
    return ops.reshape(ops.sub(low, times(high, 2**32)), constant([-1]))


def city_hash(text: Var) -> Var:
    """int64 [N, 1]. Only what the longest text needs is computed."""
    data, length = utf8(text, padding=8)
    fetch = _fetch(data)
    short = _to_16(fetch, length)
    longest = ops.reduce_max(length, keepdims=0)

    def beyond_16() -> list[Var]:
        to_64 = ops.where(_up_to(length, 32), _to_32(fetch, length), _to_64(fetch, length))
        more = ops.if_(
            ops.greater(longest, constant(64)),
            then_branch=lambda: [ops.where(_up_to(length, 64), to_64, _beyond_64(fetch, length))],
            else_branch=lambda: [ops.identity(to_64)],
        )[0]
        return [ops.where(_up_to(length, 16), short, more)]

    hashed = ops.if_(ops.greater(longest, constant(16)), then_branch=beyond_16, else_branch=lambda: [ops.identity(short)])[0]
    return ops.reshape(hashed, constant([-1, 1]))


def _fetch(data: Var) -> Fetch:
    """Eight bytes from a place on as one number, the first byte the lowest. data: int64 [N, B]; place: int64 [N, 1].

    Places outside the text are none that count: they are those of texts of another length.
    """
    width = ops.sub(ops.shape(data, start=1), constant([7]))
    spans = (ops.slice(data, constant([i]), ops.add(width, constant([i])), constant([1])) for i in range(8))
    words = plus(*(times(s, 2 ** (8 * i)) for i, s in enumerate(spans)))

    def fetch(place: Var) -> Var:
        last = ops.sub(width, constant([1]))
        return ops.gather_elements(words, ops.min([ops.max([place, constant(0)]), last]), axis=1)

    return fetch


def _up_to(length: Var, limit: int) -> Var:
    return ops.less_or_equal(length, constant(limit))


def _from_end(length: Var, count: int) -> Var:
    return ops.sub(length, constant(count))


def _at(length: Var, place: int) -> Var:
    """A place from the start, for each text."""
    return ops.add(ops.mul(length, constant(0)), constant(place))


def _mixed(x: Var) -> Var:
    """`ShiftMix`."""
    return xor(x, right(x, 47))


def _together(x: Var, y: Var) -> Var:
    """`HashLen16`."""
    a = _mixed(times(xor(x, y), K128))
    return times(_mixed(times(xor(y, a), K128)), K128)


def _to_16(fetch: Fetch, length: Var) -> Var:
    """`HashLen0to16`."""
    first, last = fetch(_at(length, 0)), fetch(_from_end(length, 8))
    turn = ops.min([ops.max([length, constant(1)]), constant(16)])
    nine = xor(_together(first, rotated(plus(last, length), turn)), last)
    low = 2**32 - 1
    four = _together(plus(length, times(masked(first, low), 8)), masked(fetch(_from_end(length, 4)), low))
    middle, end = (masked(fetch(place), 255) for place in (right(length, 1), _from_end(length, 1)))
    y, z = plus(masked(first, 255), times(middle, 256)), plus(length, times(end, 4))
    one = times(_mixed(xor(times(y, K2), times(z, K3))), K2)
    few = ops.where(_up_to(length, 0), bits(K2), ops.where(_up_to(length, 3), one, four))
    return ops.where(_up_to(length, 8), few, nine)


def _to_32(fetch: Fetch, length: Var) -> Var:
    """`HashLen17to32`."""
    a, b = times(fetch(_at(length, 0)), K1), fetch(_at(length, 8))
    c, d = times(fetch(_from_end(length, 8)), K2), times(fetch(_from_end(length, 16)), K0)
    x = plus(rotated(ops.sub(a, b), 43), rotated(c, 30), d)
    y = plus(ops.sub(plus(a, rotated(xor(b, bits(K3)), 20)), c), length)
    return _together(x, y)


def _to_64(fetch: Fetch, length: Var) -> Var:
    """`HashLen33to64`."""

    def half(start: Var, places: tuple[Var, Var], z: Var) -> tuple[Var, Var]:
        a = start
        b, c = rotated(plus(a, z), 52), rotated(a, 37)
        a = plus(a, fetch(places[0]))
        c = plus(c, rotated(a, 7))
        a = plus(a, fetch(places[1]))
        return plus(a, z), plus(b, rotated(a, 31), c)

    start = plus(fetch(_at(length, 0)), times(plus(length, fetch(_from_end(length, 16))), K0))
    vf, vs = half(start, (_at(length, 8), _at(length, 16)), fetch(_at(length, 24)))
    start = plus(fetch(_at(length, 16)), fetch(_from_end(length, 32)))
    wf, ws = half(start, (_from_end(length, 24), _from_end(length, 16)), fetch(_from_end(length, 8)))
    r = _mixed(plus(times(plus(vf, ws), K2), times(plus(wf, vs), K0)))
    return times(_mixed(plus(times(r, K0), vs)), K2)


def _weak(fetch: Fetch, place: Var, a: Var, b: Var) -> tuple[Var, Var]:
    """`WeakHashLen32WithSeeds`."""
    w, x, y, z = (fetch(plus(place, constant(i))) for i in (0, 8, 16, 24))
    a = plus(a, w)
    b = rotated(plus(b, a, z), 21)
    c = a
    a = plus(a, x, y)
    return plus(a, z), plus(b, rotated(a, 44), c)


def _beyond_64(fetch: Fetch, length: Var) -> Var:
    """`CityHash64` of more than 64 bytes: all of them in blocks of 64 but for the last ones, which come first."""
    x, y, z = fetch(_at(length, 0)), xor(fetch(_from_end(length, 16)), bits(K1)), xor(fetch(_from_end(length, 56)), bits(K0))
    v = _weak(fetch, _from_end(length, 64), length, y)
    w = _weak(fetch, _from_end(length, 32), times(length, K1), bits(K0))
    z = plus(z, times(_mixed(v[1]), K1))
    x, y = times(rotated(plus(z, x), 39), K1), times(rotated(y, 33), K1)

    def block(i: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        x, y, z, v0, v1, w0, w1 = states
        place = plus(times(length, 0), times(i, 64))
        here = ops.less(place, masked(_from_end(length, 1), -64))
        x = times(rotated(plus(x, y, v0, fetch(plus(place, constant(16)))), 37), K1)
        y = times(rotated(plus(y, v1, fetch(plus(place, constant(48)))), 42), K1)
        x, y, z = xor(x, w1), xor(y, v0), rotated(xor(z, w0), 33)
        v = _weak(fetch, place, times(v1, K1), plus(x, w0))
        w = _weak(fetch, plus(place, constant(32)), plus(z, w1), y)
        fresh = [ops.where(here, new, old) for new, old in zip([z, y, x, *v, *w], states, strict=True)]
        return ops.less(times(plus(i, constant(1)), 64), ops.reduce_max(_from_end(length, 1), keepdims=0)), fresh

    x, y, z, v0, v1, w0, w1 = iterate(LIMIT, [x, y, z, *v, *w], [(-1, 1)] * 7, block)
    return _together(plus(_together(v0, w0), times(_mixed(y), K1), z), plus(_together(v1, w1), x))
