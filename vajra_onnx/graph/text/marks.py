"""Text as its sender wrote it: without the mark of `frames.missing`."""

from __future__ import annotations

from spox import Var

from ...frames.missing import MARK
from .. import contrib, ops
from ..values import concat, constant
from .arrangement import changed_where, equals, joined, replaced, span

IS_MARKED = r"(?s)\x{fdd0}.*"


def unmarked(text: Var) -> Var:
    """Each text without the mark that the feeds put before one that starts with U+FDD0. text: of any shape."""
    flat = ops.reshape(text, constant([-1]))
    marked = ops.regex_full_match(flat, pattern=IS_MARKED)
    return ops.reshape(changed_where(flat, flat, marked, _without_first), ops.shape(text))


def _without_first(text: Var) -> Var:
    characters = contrib.characters(text)
    first = span(characters, 0, 1)
    return joined(concat([replaced(first, equals(first, MARK), ""), span(characters, 1, 0)]))
