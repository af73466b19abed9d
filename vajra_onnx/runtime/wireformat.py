"""Protocol buffers' wire format: just enough to look at a model before onnxruntime does, and to write a tensor.

Source: https://protobuf.dev/programming-guides/encoding/. A field is a tag (number << 3 | wire type) and a value; wire type
0 is a varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes. 3 and 4 (groups) are in no file of ONNX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import ArtifactError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """One field in `data`. value: of a varint. start, end: of the payload of any other. first: where its tag begins."""

    number: int
    kind: int
    value: int
    start: int
    end: int
    first: int


# The lists of numbers in the attributes of large trees are one field per number: AttributeProto.floats (7) and ints (8).
# Runs of them are skipped in one step; without, opening a forest would take seconds.
_RUN = re.compile(rb"(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])++|(?:\x3d[\x00-\xff]{4})++")
_RUN_TAGS = (0x40, 0x3D)


def fields(data: bytes, start: int = 0, end: int | None = None, *, skip_runs: bool = False) -> Iterator[Field]:
    """The fields of the message in `data[start:end]`, in order. Raises ArtifactError for bytes that are no message.

    skip_runs: leave out the numbers that AttributeProto lists, fields 7 and 8.
    """
    stop = len(data) if end is None else end
    at = start
    while at < stop:
        first = at
        if skip_runs and data[at] in _RUN_TAGS and (run := _RUN.match(data, at, stop)):
            at = run.end()
            continue
        tag, at = _varint(data, at, stop)
        number, kind = tag >> 3, tag & 7
        if number == 0 or tag >= 2**32:  # readers that keep 32 bits would see another field there
            raise _damaged(first)
        value = 0
        begin = at
        if kind == VARINT:
            value, at = _varint(data, at, stop)
        elif kind == BYTES:
            size, begin = _varint(data, at, stop)
            at = begin + size
        elif kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
        else:
            raise _damaged(first)
        if at > stop:
            raise _damaged(first)
        yield Field(number, kind, value, begin, at, first)


def text(data: bytes, field: Field) -> str:
    """A string field."""
    try:
        return data[field.start : field.end].decode()
    except UnicodeDecodeError:
        raise _damaged(field.first) from None


def varint(value: int) -> bytes:
    """A non-negative integer of up to 64 bits."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def field_bytes(number: int, payload: bytes) -> bytes:
    """A field of wire type 2: bytes, text or a message."""
    return varint(number << 3 | BYTES) + varint(len(payload)) + payload


def field_varint(number: int, value: int) -> bytes:
    """A field of wire type 0."""
    return varint(number << 3 | VARINT) + varint(value)


def _varint(data: bytes, at: int, stop: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= stop:
            raise _damaged(at)
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise _damaged(at)


def _damaged(at: int) -> ArtifactError:
    return ArtifactError("not an ONNX model, or a damaged one", got=f"no protocol buffers message at byte {at}")
