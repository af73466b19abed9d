"""A ModelProto as bytes, the weights of which are copied one by one.

protobuf's own `SerializeToString` writes into a buffer that it doubles and then copies: at its peak it holds a model that is all
weights three times over. The bytes are the same, so that the digest is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from .wireformat import BYTES, varint

# The fields in which the weights of a model lie, from the outside in.
WAY = ("graph", "initializer", "raw_data")

Piece = tuple[int, Any]


def serialized(model: Any) -> bytes:
    """What `model.SerializeToString()` answers, for an onnx.ModelProto."""
    pieces = list(_pieces(model, WAY))
    buffer = io.BytesIO()
    buffer.seek(max(sum(length for length, _ in pieces) - 1, 0))
    buffer.write(bytes(1))  # the whole length at once, because it grows by copying
    buffer.seek(0)
    for _, source in pieces:
        buffer.write(source if isinstance(source, bytes) else source.raw_data)
    return buffer.getvalue()


def _pieces(message: Any, way: tuple[str, ...]) -> Iterator[Piece]:
    """Length and content of the parts of a message; the content of a weight is the tensor that has it."""
    small = type(message)()
    for field, value in message.ListFields():
        if not way or field.name != way[0]:
            _copy(small, field, value)
            continue
        yield _flat(small)
        small = type(message)()
        head = varint(field.number << 3 | BYTES)
        if len(way) == 1:
            yield _whole(head + varint(len(value)))
            yield len(value), message
            continue
        for item in value if field.is_repeated else [value]:
            inner = list(_pieces(item, way[1:]))
            yield _whole(head + varint(sum(length for length, _ in inner)))
            yield from inner
    yield _flat(small)


def _copy(target: Any, field: Any, value: Any) -> None:
    if field.is_repeated:
        getattr(target, field.name).extend(value)
    elif field.message_type is not None:
        getattr(target, field.name).CopyFrom(value)
    else:
        setattr(target, field.name, value)


def _flat(message: Any) -> Piece:
    return _whole(message.SerializeToString())


def _whole(content: bytes) -> Piece:
    return len(content), content
