"""The text in which LightGBM writes a model down: `key=value` lines, a header first, then a section for each tree.

Source: src/boosting/gbdt_model_text.cpp and src/io/tree.cpp. Numbers that decide have 17 digits there, and come back exactly.
`dump_model` is not as good: its JSON writes 1e300 for infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def integers(section: Section, key: str, count: int) -> np.ndarray:
    """`count` whole numbers, int64."""
    return np.array(_parsed(section, key, count, int), np.int64)


def floats(section: Section, key: str, count: int) -> np.ndarray:
    """`count` numbers, float64."""
    return np.array(_parsed(section, key, count, float), np.float64)


def integer(section: Section, key: str) -> int:
    """One whole number."""
    return int(integers(section, key, 1)[0])


def _parsed(section: Section, key: str, count: int, kind: Callable[[str], Any]) -> list[Any]:
    words = section.get(key, "").split()
    try:
        values = [*map(kind, words)]
    except ValueError as error:
        raise ArtifactError(f"a model of LightGBM, {key}", expected="numbers", got=str(error)) from None
    if len(values) != count:
        raise ArtifactError(f"a model of LightGBM, {key}", expected=f"{count} numbers", got=str(len(values)))
    return values
