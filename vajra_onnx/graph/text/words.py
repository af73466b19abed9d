"""Texts as words of eight bytes, which is how hash functions read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spox import Var

from .. import ops
from ..bits import plus, times
from ..values import constant
from .utf8 import utf8

# Zeros behind the longest text: as many as a place may be before its start, or behind its end.
ROOM = 72

Hash = Callable[["Words"], Var]


@dataclass(frozen=True)
class Words:
    """Texts as numbers of eight bytes each, the first byte the lowest.

    every: int64 [N, B], the number that starts at each byte. length: int64 [N, 1], the bytes of each text. A place outside the
    text is read for texts of other lengths only, whose answer nobody takes: negative ones are counted from the end.
    """

    every: Var
    length: Var

    @staticmethod
    def of(text: Var) -> Words:
        """text: [N], strings of the graph."""
        data, length = utf8(text, padding=ROOM)
        width = ops.sub(ops.shape(data, start=1), constant([7]))
        spans = (ops.slice(data, constant([i]), ops.add(width, constant([i])), constant([1])) for i in range(8))
        return Words(plus(*(times(s, 2 ** (8 * i)) for i, s in enumerate(spans))), length)

    def at(self, place: Var) -> Var:
        """At another place of each text, int64 [N, 1]."""
        return ops.gather_elements(self.every, place, axis=1)

    def first(self, place: int) -> Var:
        """At the same place of all texts."""
        return ops.gather(self.every, constant([place]), axis=1)

    def last(self, count: int) -> Var:
        """So many bytes before the end of each text."""
        return self.at(self.before_end(count))

    def before_end(self, count: int) -> Var:
        """The place so many bytes before the end of each text."""
        return ops.sub(self.length, constant(count))

    def up_to(self, limit: int) -> Var:
        """Which texts have at most so many bytes."""
        return ops.less_or_equal(self.length, constant(limit))


def by_length(words: Words, to_16: Hash, to_32: Hash, to_64: Hash, beyond_64: Hash) -> Var:
    """The hash of each text by the function for its length, int64 [N, 1]: Google's hashes have one each for up to 16, 32 and 64
    bytes, and one for more. Only what the longest text needs is computed."""
    short = to_16(words)
    longest = ops.reduce_max(words.length, keepdims=0)

    def beyond_16() -> list[Var]:
        middle = ops.where(words.up_to(32), to_32(words), to_64(words))
        more = ops.if_(
            ops.greater(longest, constant(64)),
            then_branch=lambda: [ops.where(words.up_to(64), middle, beyond_64(words))],
            else_branch=lambda: [ops.identity(middle)],
        )[0]
        return [ops.where(words.up_to(16), short, more)]

    hashed = ops.if_(ops.greater(longest, constant(16)), then_branch=beyond_16, else_branch=lambda: [ops.identity(short)])[0]
    return ops.reshape(hashed, constant([-1, 1]))
