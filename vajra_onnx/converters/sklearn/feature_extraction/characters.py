"""Lower case and accents in the graph, character by character, from Python's own tables.

Text of ASCII alone, the common case, takes a short cut: one StringNormalizer in the locale "C", which every system has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode
from spox import Var

from ....frames.missing import MARK
from ....graph import contrib, ops
from ....graph.text.arrangement import any_of, changed_where, equals, filled, joined, look_up, look_up_text, replaced, span
from ....graph.values import cast, concat, constant
from .patterns import everything

ASCII = r"[\x00-\x7f]*"
HAS_SIGMA = r"(?s)[^\x{3a3}]*\x{3a3}.*"
# Stands for "as it is" in a look-up: no character becomes this one.
UNCHANGED = MARK
SIGMA, FINAL_SIGMA = "\u03a3", "\u03c2"
OTHER, IGNORABLE, CASED, CAPITAL_SIGMA = 0, 1, 2, 3


def preprocessed(text: Var, lowercase: bool, accents: str | None) -> Var:
    """What `build_preprocessor()` makes of each text: lower case, then without accents. text: [N] -> [N].

    Source: `_preprocess`. The mark that the feeds put before a text that starts with U+FDD0 is taken off as well.
    """
    short = ops.string_normalizer(text, case_change_action="LOWER", is_case_sensitive=1, locale="C") if lowercase else text
    others = ops.not_(ops.regex_full_match(text, pattern=ASCII))
    return changed_where(short, text, others, lambda rows: _mapped(rows, lowercase, accents))


def _mapped(text: Var, lowercase: bool, accents: str | None) -> Var:
    characters = contrib.characters(text)
    table, default = _table(lowercase, accents)
    changed = characters
    if table:
        changed = look_up_text(characters, table, default)
    if table and default == UNCHANGED:
        changed = ops.where(equals(changed, UNCHANGED), characters, changed)
    if lowercase:
        final, others = _stripped(accents)(FINAL_SIGMA), changed
        changed = ops.if_(
            any_of(ops.regex_full_match(text, pattern=HAS_SIGMA)),
            then_branch=lambda: [replaced(others, _final_sigmas(characters), final)],
            else_branch=lambda: [ops.identity(others)],
        )[0]
    first = replaced(span(changed, 0, 1), equals(span(characters, 0, 1), MARK), "")
    return joined(concat([first, span(changed, 1, 0)]))


@cache
def _table(lowercase: bool, accents: str | None) -> tuple[dict[str, str], str]:
    """What each character becomes where that is not the default, and the default."""
    default = "" if accents == "ascii" else UNCHANGED
    # All at once, a NUL between every two: characters on both sides of it do not change each other.
    together = "\0".join(_all_but_nul())
    changed = _stripped(accents)(together.lower() if lowercase else together).split("\0")
    pairs = [("\0", "\0"), *zip(_all_but_nul(), changed, strict=True)]
    return {old: new for old, new in pairs if new != (old if default else "")}, default


def _stripped(accents: str | None) -> Callable[[str], str]:
    """How one character loses its accents. The order of combining marks does not matter: all are removed."""
    if accents is None:
        return str
    strip: Callable[[str], str] = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}[accents]
    return strip


def _final_sigmas(characters: Var) -> Var:
    """Where a capital sigma ends a word and becomes a final one. characters: [K, L] -> bool [K, L].

    The nearest character before it that is not case-ignorable is cased, and the nearest one after it is not. Source:
    `handle_capital_sigma` of CPython's Objects/unicodeobject.c.
    """
    kinds = look_up(characters, _kinds(), OTHER)
    counted = cast(ops.not_(ops.equal(kinds, constant(IGNORABLE))), np.int64)
    rank = ops.cumsum(counted, constant(1))
    # Whether it is cased, by rank among the characters that count. Rank 0 is the start of the text; its end is not cased.
    cased = cast(ops.greater_or_equal(kinds, constant(CASED)), np.int64)
    room = concat([ops.mul(kinds, constant(0)), filled(kinds, 2, np.int64(0))])
    by_rank = ops.scatter_elements(room, ops.mul(rank, counted), cased, axis=1)
    before = ops.gather_elements(by_rank, ops.max([ops.sub(rank, constant(1)), constant(0)]), axis=1)
    after = ops.gather_elements(by_rank, ops.add(rank, constant(1)), axis=1)
    return ops.and_(ops.equal(kinds, constant(CAPITAL_SIGMA)), ops.greater(before, after))


@cache
def _kinds() -> dict[str, int]:
    """What each character is to a capital sigma after it, asked of Python itself."""
    cased, transparent = _finals(""), _finals("A")
    kinds = dict.fromkeys(sorted(transparent - cased), IGNORABLE) | dict.fromkeys(sorted(cased), CASED)
    return kinds | {SIGMA: CAPITAL_SIGMA}


def _finals(before: str) -> set[str]:
    """The characters after which, with this before them, a sigma is a final one."""
    texts = (before + (SIGMA + "\0" + before).join(_all_but_nul()) + SIGMA).lower().split("\0")
    return {c for c, text in zip(_all_but_nul(), texts, strict=True) if text.endswith(FINAL_SIGMA)}


def _all_but_nul() -> str:
    return everything()[1:]
