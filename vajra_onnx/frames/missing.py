"""How a missing value travels in a string tensor, apart from every real string.

ONNX strings have no null, and ONNX Runtime turns NaN into "nan" and None into "None", which are also real strings. Each
kind of missing value therefore has a sentinel that starts with U+FDD0, a code point that Unicode reserves for internal use
(never NUL: the C API of ONNX Runtime, and so every other language, ends strings there). A real string that starts with
U+FDD0 gets a second one in front, so no two values ever share an encoding.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

import numpy as np

MARK = "\ufdd0"
NAN = MARK + "nan"
NONE = MARK + "None"
NA = MARK + "NA"
SENTINELS = (NAN, NONE, NA)
# A key that a dict row does not have: only `optional` columns know this one.
NO_KEY = MARK + "absent"
# The sentinel of each kind of missing value, by the word of the schema.
KINDS = {"nan": NAN, "None": NONE, "NA": NA}


class Absent(Enum):
    """What a column of text holds where a dict row does not have the key."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent.ABSENT


def encode_text(value: Any) -> str | None:
    """The string that stands for a value of a string column in the graph; None when it is neither text nor missing."""
    if isinstance(value, str):
        return MARK + value if value.startswith(MARK) else str(value)
    if value is None:
        return NONE
    if value is ABSENT:
        return NO_KEY
    if isinstance(value, float | np.floating):
        return NAN if value != value else None
    pandas = sys.modules.get("pandas")
    return NA if pandas is not None and value is pandas.NA else None


def decode_text(text: str) -> Any:
    """The value that a string of the graph stands for; pandas' NA is None where pandas is not loaded."""
    if not text.startswith(MARK):
        return text
    if text == NONE:
        return None
    if text == NO_KEY:
        return ABSENT
    if text == NAN:
        return float("nan")
    pandas = sys.modules.get("pandas")
    if text == NA:
        return pandas.NA if pandas is not None else None
    return text[1:]


def is_na(value: Any) -> bool:
    """Whether this is pandas' NA or NaT; pandas is not imported for it."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and (value is pandas.NA or value is pandas.NaT)


def is_missing(value: Any) -> bool:
    """None, a float NaN, numpy's NaT, pandas' NA or NaT. A key that is absent has no value, not a missing one."""
    if value is None or is_na(value):
        return True
    return isinstance(value, float | np.floating | np.datetime64) and bool(value != value)
