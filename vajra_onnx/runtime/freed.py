"""Freed memory, given back to the system.

glibc keeps what was freed for the next one who asks, in blocks of up to 32 MB each: once the session of a ResNet50 is open, one
and a half times the size of its weights.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """Let the system have what nobody uses; nothing where the C library is another one than glibc."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no library without a name
        return None
