"""Python's regular expressions, as far as RE2 can say the same.

RE2 and Python disagree on what `\\w`, `\\s`, `\\b` and "ignore case" mean outside of ASCII. Every set of characters is
therefore written out as the ranges of code points that Python's own `re` accepts, and `\\b` is taken apart.
"""

from __future__ import annotations

import re
import re._compiler as compiler  # type: ignore[import-not-found]
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ....errors import UnsupportedError

SINGLE = {codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY}
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
BOUNDARY = (codes.AT, codes.AT_BOUNDARY)
# RE2's program grows with every repetition of a set of characters; its memory is bounded.
MOST_REPEATS = 30
HINT = r"\b...\b around word characters, or one set of characters repeated, such as [a-z]+ or \S{2,}"


@dataclass(frozen=True)
class Pattern:
    """What `re.findall` finds: the matches of `expression` with at least `at_least` characters that `body` matches entirely.

    letters: all characters that can be part of a match. body: None stands for no condition.
    """

    expression: str
    at_least: int
    letters: str
    body: str | None = None


@cache
def everything() -> str:
    """Every code point that UTF-8 can say, in order."""
    return "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)


@cache
def matching(expression: str) -> str:
    """The characters that a Python expression matches one at a time, in order."""
    return "".join(re.findall(expression, everything()))


@cache
def ranges(characters: str) -> str:
    """The set of these characters, which are in order, in RE2's syntax: `[\\x{61}-\\x{7a}]`."""
    if not characters:
        return r"[^\x00-\x{10FFFF}]"
    points = np.frombuffer(characters.encode("utf-32-le"), "<u4").astype(np.int64)
    runs = np.split(points, np.flatnonzero(np.diff(points) != 1) + 1)
    return "[" + "".join(f"\\x{{{run[0]:x}}}-\\x{{{run[-1]:x}}}" for run in runs) + "]"


def translate(pattern: str) -> Pattern:
    """The same matches as those of `re.findall(pattern, text)`.

    Between two `\\b`, an expression that consumes word characters only matches whole runs of them: runs are found first, and
    those that the expression matches entirely stay. Without `\\b` RE2's longest match is Python's greedy one for a single
    repeated set of characters. Raises UnsupportedError for every other pattern.
    """
    tree = parser.parse(pattern)
    body, bounded = _unwrapped(list(tree))
    try:
        run = _run(tree, body)
        if bounded:
            return _words(tree, body, run)
        if run is None:
            raise UntranslatableError("more than one set of characters")
        letters, low, high = run
        return Pattern(ranges(letters) + ("+" if high is None else f"{{{low},{high}}}"), low, letters)
    except UntranslatableError as reason:
        raise UnsupportedError(f"token_pattern with {reason}", expected=HINT, got=repr(pattern)) from None


class UntranslatableError(Exception):
    """A part of a pattern that RE2 cannot say, or not with the same matches."""


def _words(tree: Any, body: list[Any], run: tuple[str, int, int | None] | None) -> Pattern:
    word = matching(r"(?a)\w" if tree.state.flags & re.ASCII else r"\w")  # what \b is the boundary of, too
    if run is not None and run[0] == word and run[2] is None:
        return Pattern(ranges(word) + "+", run[1], word)
    if parser.SubPattern(tree.state, body).getwidth()[0] == 0:
        raise UntranslatableError("a match of no characters")
    return Pattern(ranges(word) + "+", 1, word, "".join(_re2(tree, item, word) for item in body))


def _unwrapped(items: list[Any]) -> tuple[list[Any], bool]:
    """Without the group and the two `\\b` around everything, and whether the latter were there."""
    bounded = False
    while True:
        if len(items) > 2 and tuple(items[0]) == BOUNDARY and tuple(items[-1]) == BOUNDARY and not bounded:
            items, bounded = items[1:-1], True
        elif len(items) == 1 and items[0][0] is codes.SUBPATTERN and not any(items[0][1][1:3]):
            items = list(items[0][1][3])
        else:
            return items, bounded


def _run(tree: Any, items: list[Any]) -> tuple[str, int, int | None] | None:
    """One set of characters, at least so many of them, at most so many (None: any number); None for anything else."""
    letters: set[str] = set()
    low, high = 0, 0
    for code, argument in items:
        fewest, most, inner = 1, 1, (code, argument)
        if code is codes.MAX_REPEAT and len(argument[2]) == 1:
            fewest, most, inner = argument[0], argument[1], argument[2][0]
        if inner[0] not in SINGLE:
            return None
        letters.add(_letters(tree, inner))
        low, high = low + fewest, high + most
    if len(letters) != 1 or low == 0:
        return None
    if high < codes.MAXREPEAT and high > MOST_REPEATS:
        raise UntranslatableError(f"more than {MOST_REPEATS} repetitions")
    return letters.pop(), low, None if high >= codes.MAXREPEAT else high


def _letters(tree: Any, item: Any) -> str:
    """What one item that consumes one character accepts, by Python's own compiler, flags included."""
    return _accepted(_frozen(item), tree.state.flags)


@cache
def _accepted(item: Any, flags: int) -> str:
    return "".join(compiler.compile(parser.SubPattern(parser.State(), [item]), flags).findall(everything()))


def _frozen(item: Any) -> Any:
    return tuple(map(_frozen, item)) if isinstance(item, list | tuple) else item


def _re2(tree: Any, item: Any, word: str) -> str:
    """The same language in RE2's syntax; of word characters only."""
    code, argument = item
    if code in SINGLE:
        letters = _letters(tree, item)
        if not set(letters) <= set(word):
            raise UntranslatableError(r"characters between \b and \b that are not word characters")
        return ranges(letters)
    if code in REPEATS:
        low, high, inner = argument
        if low > MOST_REPEATS or (high is not codes.MAXREPEAT and high > MOST_REPEATS):
            raise UntranslatableError(f"more than {MOST_REPEATS} repetitions")
        bounds = f"{{{low},}}" if high is codes.MAXREPEAT else f"{{{low},{high}}}"
        return f"(?:{''.join(_re2(tree, i, word) for i in inner)}){bounds}"
    if code is codes.SUBPATTERN and argument[0] is None and not any(argument[1:3]):
        return f"(?:{''.join(_re2(tree, i, word) for i in argument[3])})"
    if code is codes.BRANCH:
        return f"(?:{'|'.join(''.join(_re2(tree, i, word) for i in branch) for branch in argument[1])})"
    raise UntranslatableError(str(code).lower().replace("_", " "))
