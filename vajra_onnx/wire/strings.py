"""BYTES in raw contents: every element is its length, 4 bytes little-endian, and its bytes (UTF-8 here)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

from ..errors import InputError

_LENGTH = struct.Struct("<I")


def pack(array: np.ndarray) -> bytes:
    """The raw contents of an array of `str`. Raises InputError for a text that UTF-8 cannot write (a lone surrogate)."""
    parts: list[bytes] = []
    for element in array.ravel().tolist():
        data = to_utf8(element)
        parts += (_LENGTH.pack(len(data)), data)
    return b"".join(parts)


def unpack(raw: bytes, count: int, where: str) -> np.ndarray:
    """The `count` strings of raw contents: an array of `str` objects, shape [count].

    Raises InputError for another count, a length that points beyond the end, and bytes that are not UTF-8.
    """
    texts: list[str] = []
    position, end = 0, len(raw)
    while position < end:
        start = position + 4
        if start > end:
            raise InputError(expected="a length of 4 bytes", got=f"{end - position} bytes", where=f"{where}[{len(texts)}]")
        position = start + _LENGTH.unpack_from(raw, position)[0]
        if position > end:
            got = f"{end - start} of {position - start} bytes"
            raise InputError(expected="a whole string", got=got, where=f"{where}[{len(texts)}]")
        try:
            texts.append(str(raw[start:position], "utf-8"))
        except UnicodeDecodeError as error:
            raise not_utf8(error, where, len(texts)) from None
    return from_texts(texts, count, where)


def from_utf8(elements: Iterable[bytes], count: int, where: str) -> np.ndarray:
    """The strings of typed contents (`bytes_contents`, no prefixes); errors as `unpack`."""
    texts: list[str] = []
    for element in elements:
        try:
            texts.append(str(element, "utf-8"))
        except UnicodeDecodeError as error:
            raise not_utf8(error, where, len(texts)) from None
    return from_texts(texts, count, where)


def from_texts(texts: list[str], count: int, where: str) -> np.ndarray:
    """An array of `str` objects, of the length that the shape promises."""
    if len(texts) != count:
        raise InputError(expected=f"{count} strings", got=str(len(texts)), where=where)
    array = np.empty(count, dtype=object)
    array[:] = texts
    return array


def to_utf8(text: str) -> bytes:
    """UTF-8, or an InputError for what Unicode does not let anyone write."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InputError(expected="text that UTF-8 can write", got=ascii(text)) from None


def not_utf8(error: UnicodeDecodeError, where: str, index: int) -> InputError:
    """The error for bytes that are no text."""
    return InputError(expected="UTF-8", got=f"{error.reason} at byte {error.start}", where=f"{where}[{index}]")
