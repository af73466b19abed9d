"""TensorProto files without onnx: onnx reads what we write, we read what onnx writes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from vajra_onnx.errors import ArtifactError
from vajra_onnx.frames.missing import NAN
from vajra_onnx.runtime.tensorproto import read_tensor, write_tensor

ARRAYS = [
    *(np.array([[0, 1], [2, 100]], dtype) for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", ">f8")),
    np.array([True, False]),
    np.array([np.nan, np.inf, -0.0, 5e-324]),
    np.array([["a", ""], ["é\0b", NAN]], dtype=object),
    np.array(3.5),
    np.empty((0, 3), np.int64),
    np.empty((0, 1), dtype=object),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_both_ways(array: np.ndarray) -> None:
    data = write_tensor("naïve name", array)
    proto = onnx.TensorProto.FromString(data)
    onnx.checker.check_tensor(proto)
    theirs = numpy_helper.to_array(proto)
    texts = array.dtype == object
    np.testing.assert_array_equal(theirs.astype(object) if texts else theirs, array)
    for content in (data, numpy_helper.from_array(array.astype(array.dtype.newbyteorder("=")), "naïve name").SerializeToString()):
        name, back = read_tensor(content)
        assert name == "naïve name"
        assert back.dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(back, array)
        assert back.tobytes() == array.astype(back.dtype).tobytes() or texts


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (onnx.helper.make_tensor("t", onnx.TensorProto.FLOAT, [2], [1, 2]), "expected raw_data or string_data, got field 4"),
        (
            onnx.TensorProto(dims=[2], data_type=onnx.TensorProto.DOUBLE, raw_data=bytes(8)),
            r"expected 2 elements for shape \[2\], got 1",
        ),
        (
            onnx.TensorProto(dims=[1], data_type=onnx.TensorProto.DOUBLE, raw_data=bytes(7)),
            "whole elements of float64, got 7 bytes",
        ),
        (onnx.TensorProto(dims=[1], data_type=onnx.TensorProto.COMPLEX64, raw_data=bytes(8)), "unknown ONNX element type"),
        (onnx.TensorProto(dims=[2**62, 4], data_type=onnx.TensorProto.INT8), "elements for shape"),
        (onnx.TensorProto(dims=[-1], data_type=onnx.TensorProto.INT8, raw_data=b"1"), "elements for shape"),
    ],
)
def test_damaged_tensors(tensor: onnx.TensorProto, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        read_tensor(tensor.SerializeToString())


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_tensor_or_refused(data: bytes) -> None:
    try:
        _, array = read_tensor(data)
    except ArtifactError:
        return
    assert isinstance(array, np.ndarray)
