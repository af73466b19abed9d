"""The text in which LightGBM writes a model down: `key=value` lines, a header first, then a section for each tree.

Source: src/boosting/gbdt_model_text.cpp and src/io/tree.cpp. Numbers that decide have 17 digits there, and come back exactly.
`dump_model` is not as good: its JSON writes 1e300 for infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from ...errors import ArtifactError

Section = Mapping[str, str]

FIRST_LINE = "tree"


def sections(text: str) -> tuple[Section, list[Section]]:
    """The header, and a section for each tree. A line without a value, such as `average_output`, has an empty one.

    Raises ArtifactError for text that does not begin as LightGBM's.
    """
    header, *trees = text.replace("\r\n", "\n").split("\nTree=")
    if header.partition("\n")[0].strip() != FIRST_LINE:
        raise ArtifactError("not a model of LightGBM", expected=f"a first line {FIRST_LINE!r}", got=repr(header[:40]))
    return _section(header), [_section(tree.partition("\n\n")[0].partition("\n")[2]) for tree in trees]


def _section(lines: str) -> Section:
    return {key: value for key, _, value in (line.partition("=") for line in lines.split("\n"))}


def integer(section: Section, key: str) -> int:
    """One whole number."""
    return int(integers([section], key, np.ones(1, np.int64))[0])


def integers(parts: Sequence[Section], key: str, counts: np.ndarray) -> np.ndarray:
    """The whole numbers of all sections, one after another, int64. counts: how many each section has to have."""
    return _numbers(parts, key, counts, int, np.int64)


def floats(parts: Sequence[Section], key: str, counts: np.ndarray) -> np.ndarray:
    """The numbers of all sections, one after another, float64. counts: how many each section has to have."""
    return _numbers(parts, key, counts, float, np.float64)


def _numbers(parts: Sequence[Section], key: str, counts: np.ndarray, kind: Callable[[str], Any], dtype: type) -> np.ndarray:
    words = [part.get(key, "").split() for part in parts]
    found = np.array([*map(len, words)], np.int64)
    if not np.array_equal(found, counts):
        wrong = int(np.flatnonzero(found != counts)[0])
        raise damaged(key, expected=f"{counts[wrong]} numbers", got=str(found[wrong]))
    try:
        return np.fromiter(map(kind, chain.from_iterable(words)), dtype, int(counts.sum()))
    except (ValueError, OverflowError) as error:
        raise damaged(key, expected="numbers", got=str(error)) from None


def damaged(key: str, *, expected: str, got: str) -> ArtifactError:
    """The error of text that is no model that LightGBM wrote. key: where."""
    return ArtifactError(f"a damaged model of LightGBM, {key}", expected=expected, got=got)
