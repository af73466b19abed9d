"""The one table of element types: the schema's name, numpy's, ONNX's and the wire's.

Sources: TensorProto.DataType of onnx.proto; datatype names of the Open Inference Protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import SchemaError


@dataclass(frozen=True)
class DType:
    """One element type.

    name: the schema's word. numpy: the dtype of a fed array (`object` holds `str`). onnx: TensorProto.DataType.
    wire: the Open Inference Protocol's word.
    """

    name: str
    numpy: np.dtype[np.generic]
    onnx: int
    wire: str


def _row(name: str, numpy: type | str, onnx: int, wire: str) -> tuple[str, DType]:
    return name, DType(name, np.dtype(numpy), onnx, wire)


DTYPES: dict[str, DType] = dict(
    [
        _row("float64", np.float64, 11, "FP64"),
        _row("float32", np.float32, 1, "FP32"),
        _row("float16", np.float16, 10, "FP16"),
        _row("int64", np.int64, 7, "INT64"),
        _row("int32", np.int32, 6, "INT32"),
        _row("int16", np.int16, 5, "INT16"),
        _row("int8", np.int8, 3, "INT8"),
        _row("uint64", np.uint64, 13, "UINT64"),
        _row("uint32", np.uint32, 12, "UINT32"),
        _row("uint16", np.uint16, 4, "UINT16"),
        _row("uint8", np.uint8, 2, "UINT8"),
        _row("bool", np.bool_, 9, "BOOL"),
        _row("string", object, 8, "BYTES"),
        # Nanoseconds since 1970, NaT as the smallest int64, exactly as numpy and pandas store them.
        _row("datetime64", np.int64, 7, "INT64"),
    ]
)


def dtype(name: str) -> DType:
    """The table's row of this name, or a SchemaError that lists the names there are."""
    try:
        return DTYPES[name]
    except KeyError:
        raise SchemaError("unknown dtype", expected=" | ".join(DTYPES), got=repr(name)) from None


def of_numpy(array_dtype: np.dtype[np.generic]) -> DType:
    """The table's row for a numpy dtype; strings of any width and `object` are "string"."""
    if array_dtype.kind in "OUST":
        return DTYPES["string"]
    if array_dtype.kind == "M":
        return DTYPES["datetime64"]
    return dtype(array_dtype.name)


def of_onnx(code: int) -> DType:
    """The table's row for a TensorProto.DataType; int64 is "int64", never "datetime64"."""
    for row in DTYPES.values():
        if row.onnx == code:
            return row
    raise SchemaError("unknown ONNX element type", got=str(code))
