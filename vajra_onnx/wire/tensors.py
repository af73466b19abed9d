"""One tensor to and from the wire: raw contents (bytes) and typed contents (numbers), every dtype of `dtypes`.

Strict: a tensor whose contents are not exactly what its datatype and shape promise is refused, never cut or padded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import dtypes
from ..errors import InputError
from . import strings
from .stubs.open_inference_pb2 import InferTensorContents

# The wire has one name per element type; the schema's datetime64 travels as the INT64 that it is in the graph.
BY_WIRE = {row.wire: row for row in reversed(dtypes.DTYPES.values())}
_BY_DTYPE = {row.numpy: row for row in BY_WIRE.values()}  # of_numpy, which asks numpy for names, takes 20 times longer
_LITTLE = {row.wire: row.numpy.newbyteorder("<") for row in BY_WIRE.values()}

# The field of InferTensorContents for each datatype; FP16 has none.
FIELDS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}

Shape = tuple[int, ...]


def encode(array: np.ndarray) -> tuple[str, bytes]:
    """An array's datatype and its raw contents; `object` and string arrays are BYTES, datetime64 is INT64 nanoseconds."""
    row = _BY_DTYPE.get(array.dtype) or dtypes.of_numpy(array.dtype)
    if row.name == "string":
        return row.wire, strings.pack(array)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[ns]").view(np.int64)
    little = _LITTLE[row.wire]
    return row.wire, (array if array.dtype == little else array.astype(little)).tobytes()


def decode(datatype: str, shape: Sequence[int], raw: bytes, where: str) -> np.ndarray:
    """The array of raw contents, in the dtype of `dtypes` and read-only for numbers: they are not copied.

    where: how messages name the tensor. Raises InputError for a datatype that does not exist, a negative dimension, a
    number of bytes or strings other than the shape's, trailing bytes, a BOOL that is neither 0 nor 1, and invalid UTF-8.
    """
    sizes = _sizes(datatype, shape, where)
    count = math.prod(sizes)
    if datatype == "BYTES":
        return strings.unpack(raw, count, where).reshape(sizes)
    dtype = _LITTLE[datatype]
    if len(raw) != count * dtype.itemsize:
        expected = f"{count * dtype.itemsize} bytes for {datatype} of shape {list(sizes)}"
        raise InputError(expected=expected, got=str(len(raw)), where=where)
    if datatype == "BOOL" and (np.frombuffer(raw, np.uint8) > 1).any():
        raise InputError(expected="bytes 0 or 1 for BOOL", got=str(max(raw)), where=where)
    array = np.frombuffer(raw, dtype).reshape(sizes)
    return array if dtype.isnative else array.astype(BY_WIRE[datatype].numpy)


def decode_typed(datatype: str, shape: Sequence[int], contents: InferTensorContents, where: str) -> np.ndarray:
    """The array of typed contents. Raises InputError as `decode`, for a field of another datatype, and for a number out of
    the datatype's range (INT8 travels as int32)."""
    sizes = _sizes(datatype, shape, where)
    count = math.prod(sizes)
    if datatype not in FIELDS:
        raise InputError(expected=f"{datatype} in raw_input_contents", got="typed contents", where=where)
    field = FIELDS[datatype]
    others = [f.name for f, _ in contents.ListFields() if f.name != field]
    if others:
        raise InputError(expected=f"{field} for {datatype}", got=others[0], where=where)
    values = getattr(contents, field)
    if datatype == "BYTES":
        return strings.from_utf8(values, count, where).reshape(sizes)
    if len(values) != count:
        raise InputError(expected=f"{count} elements for shape {list(sizes)}", got=str(len(values)), where=where)
    dtype = BY_WIRE[datatype].numpy
    if field in ("int_contents", "uint_contents"):
        wide = np.fromiter(values, np.int64, count)
        info = np.iinfo(dtype.name)
        if count and not info.min <= wide.min() <= wide.max() <= info.max:
            raise InputError(expected=datatype, got=f"{wide.min()} to {wide.max()}", where=where)
        return wide.astype(dtype).reshape(sizes)
    return np.fromiter(values, dtype, count).reshape(sizes)


def _sizes(datatype: str, shape: Sequence[int], where: str) -> Shape:
    """The shape as numpy can have it; refuses dimensions below zero, and any that numpy cannot count."""
    if datatype not in BY_WIRE:
        raise InputError(expected=" | ".join(BY_WIRE), got=f"datatype {datatype!r}", where=where)
    sizes = tuple(shape)
    if sizes and min(sizes) < 0:
        raise InputError(expected="dimensions of 0 or more", got=str(list(sizes)), where=where)
    if len(sizes) > 32 or math.prod(filter(None, sizes)) > 2**48:
        raise InputError(expected="a shape of at most 2**48 elements and 32 dimensions", got=_brief(sizes), where=where)
    return sizes


def _brief(sizes: Shape) -> str:
    return str(list(sizes[:8]))[:-1] + (", ...]" if len(sizes) > 8 else "]")
