"""Freed memory goes back to the system, where the C library can be asked to."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from vajra_onnx.runtime import freed


@pytest.fixture(autouse=True)
def _anew() -> None:
    freed._trim.cache_clear()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc")
def test_what_glibc_keeps_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(100_000) for _ in range(1000)]  # below what is given back by itself
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    for block in blocks[:-1]:  # the last one holds the end of the heap
        libc.free(block)
    before = resident()
    freed.give_back()
    assert before - resident() > 80_000_000
    libc.free(blocks[-1])


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def none(name: object) -> object:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", none)
    freed.give_back()
    freed._trim.cache_clear()
