"""TensorProto files, the golden vectors' format, written and read without onnx.

Field numbers: onnx.proto. Numbers are written as `raw_data` (little-endian, row-major), text as UTF-8 in `string_data`; that is
what `onnx.numpy_helper` reads and writes. Text is as the graph sees it, missing values as in `frames/missing.py`.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..errors import ArtifactError, SchemaError
from .wireformat import BYTES, VARINT, field_bytes, field_varint, fields, text

DIMS, DATA_TYPE, STRING_DATA, NAME, RAW_DATA = 1, 2, 6, 8, 9
IGNORED = (12, 16)  # doc_string, metadata_props


def write_tensor(name: str, array: np.ndarray) -> bytes:
    """The serialized TensorProto of an array of numbers, booleans or `str`, of any shape."""
    kind = dtypes.of_numpy(array.dtype)
    parts = [field_varint(DIMS, size) for size in array.shape]
    parts.append(field_varint(DATA_TYPE, kind.onnx))
    parts.append(field_bytes(NAME, name.encode()))
    if kind.name == "string":
        parts += [field_bytes(STRING_DATA, value.encode()) for value in array.ravel().tolist()]
    else:
        fed = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        parts.append(field_bytes(RAW_DATA, fed.tobytes()))
    return b"".join(parts)


def read_tensor(data: bytes) -> tuple[str, np.ndarray]:
    """The name and the array of a serialized TensorProto; text is an array of `str` objects.

    Raises ArtifactError for bytes that are no tensor, for external data, and for element types that no schema has.
    """
    shape: list[int] = []
    code, name, raw, strings = 0, "", None, []
    for field in fields(data):
        if field.number == DIMS and field.kind == VARINT:
            shape.append(field.value)
        elif field.number == DATA_TYPE and field.kind == VARINT:
            code = field.value
        elif field.number == NAME and field.kind == BYTES:
            name = text(data, field)
        elif field.number == RAW_DATA and field.kind == BYTES:
            raw = data[field.start : field.end]
        elif field.number == STRING_DATA and field.kind == BYTES:
            strings.append(text(data, field))
        elif field.number not in IGNORED:
            raise ArtifactError(f"tensor {name!r}", expected="raw_data or string_data", got=f"field {field.number}")
    return name, _array(name, shape, code, raw, strings)


def _array(name: str, shape: list[int], code: int, raw: bytes | None, strings: list[str]) -> np.ndarray:
    try:
        kind = dtypes.of_onnx(code)
    except SchemaError as error:
        raise ArtifactError(f"tensor {name!r}: {error}") from None
    count = math.prod(shape)
    if kind.name == "string":
        array = np.fromiter(strings, dtype=object, count=len(strings))
    else:
        if len(raw or b"") % kind.numpy.itemsize:
            raise ArtifactError(f"tensor {name!r}", expected=f"whole elements of {kind.name}", got=f"{len(raw or b'')} bytes")
        array = np.frombuffer(raw or b"", dtype=kind.numpy.newbyteorder("<")).astype(kind.numpy)
    if array.size != count:
        raise ArtifactError(f"tensor {name!r}", expected=f"{count} elements for shape {shape}", got=str(array.size))
    return array.reshape(shape)
