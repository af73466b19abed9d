"""Tensors through the wire: every dtype and shape comes back the same, and what does not fit is refused."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vajra_onnx import dtypes
from vajra_onnx.errors import InputError
from vajra_onnx.wire import tensors
from vajra_onnx.wire.stubs.open_inference_pb2 import InferTensorContents

NUMBERS = sorted({row.numpy for row in dtypes.DTYPES.values()} - {np.dtype(object)}, key=str)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def assert_same_bits(got: np.ndarray, expected: np.ndarray) -> None:
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    assert got.tolist() == expected.tolist() if expected.dtype == object else got.tobytes() == expected.tobytes()


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    shape = draw(SHAPES)
    if draw(st.integers(0, 4)) == 0:
        texts = np.empty(shape, dtype=object)
        texts.ravel()[:] = draw(st.lists(TEXT, min_size=texts.size, max_size=texts.size))
        return texts
    return draw(hnp.arrays(draw(st.sampled_from(NUMBERS)), shape))


@settings(max_examples=300, deadline=None)
@given(arrays())
def test_raw_contents_come_back_the_same(array: np.ndarray) -> None:
    datatype, raw = tensors.encode(array)
    assert_same_bits(tensors.decode(datatype, array.shape, raw, "$"), array)


@settings(max_examples=300, deadline=None)
@given(arrays().filter(lambda a: a.dtype != np.float16))
def test_typed_contents_come_back_the_same(array: np.ndarray) -> None:
    datatype = dtypes.of_numpy(array.dtype).wire
    values = [v.encode() for v in array.ravel()] if datatype == "BYTES" else array.ravel().tolist()
    contents = InferTensorContents.FromString(InferTensorContents(**{tensors.FIELDS[datatype]: values}).SerializeToString())
    got = tensors.decode_typed(datatype, array.shape, contents, "$")
    if array.dtype.kind == "f":  # a NaN's payload does not survive Python's floats
        np.testing.assert_array_equal(got, array, strict=True)
    else:
        assert_same_bits(got, array)


@pytest.mark.parametrize("array", [np.arange(12.0).reshape(3, 4).T, np.arange(12)[::2], np.arange(4, dtype=">i4")])
def test_any_layout_travels_row_major_and_little_endian(array: np.ndarray) -> None:
    datatype, raw = tensors.encode(array)
    np.testing.assert_array_equal(tensors.decode(datatype, array.shape, raw, "$"), array)


def test_the_bytes_are_the_protocols() -> None:
    assert tensors.encode(np.array([1], np.int32)) == ("INT32", b"\x01\x00\x00\x00")
    assert tensors.encode(np.array([True, False])) == ("BOOL", b"\x01\x00")
    assert tensors.encode(np.array(["é", ""], object)) == ("BYTES", b"\x02\x00\x00\x00\xc3\xa9\x00\x00\x00\x00")
    assert tensors.encode(np.array(["ab"])) == ("BYTES", b"\x02\x00\x00\x00ab")
    assert tensors.encode(np.array(["1970-01-01T00:00:00.000000001"], "datetime64[ns]")) == ("INT64", b"\x01" + bytes(7))


def test_numbers_are_not_copied() -> None:
    raw = np.arange(1000.0).tobytes()
    assert not tensors.decode("FP64", [1000], raw, "$").flags.owndata


@pytest.mark.parametrize(
    ("datatype", "shape", "raw", "message"),
    [
        ("FP64", [2], bytes(15), "expected 16 bytes for FP64 of shape [2], got 15 - at $.x"),
        ("FP64", [2], bytes(17), "expected 16 bytes"),
        ("FP64", [0], b"\0", "expected 0 bytes"),
        ("FP64", [-1], bytes(8), "expected dimensions of 0 or more, got [-1]"),
        ("FP64", [2, -3], b"", "dimensions of 0 or more"),
        ("FP64", [2**62, 2**62], b"", "at most 2**48 elements"),
        ("FP64", [0, 2**62, 2**62], b"", "at most 2**48 elements"),
        ("FP64", [1] * 33, bytes(8), "32 dimensions, got [1, 1, 1, 1, 1, 1, 1, 1, ...]"),
        ("INT64", [2**40], b"", "expected 8796093022208 bytes"),
        ("BYTES", [2**40], b"", "expected 1099511627776 strings, got 0"),
        ("BOOL", [2], b"\x01\x02", "expected bytes 0 or 1 for BOOL, got 2"),
        ("BF16", [1], bytes(2), "got datatype 'BF16'"),
        ("", [1], bytes(2), "got datatype ''"),
        ("fp64", [1], bytes(8), "got datatype 'fp64'"),
        ("BYTES", [1], b"\x01\x00\x00", "expected a length of 4 bytes, got 3 bytes - at $.x[0]"),
        ("BYTES", [1], b"\x05\x00\x00\x00abc", "expected a whole string, got 3 of 5 bytes - at $.x[0]"),
        ("BYTES", [1], b"\xff\xff\xff\xffabc", "expected a whole string"),
        ("BYTES", [1], b"\x01\x00\x00\x00a\x00", "expected a length of 4 bytes, got 1 bytes - at $.x[1]"),
        ("BYTES", [1], b"\x00\x00\x00\x00\x00\x00\x00\x00", "expected 1 strings, got 2"),
        ("BYTES", [2], b"\x00\x00\x00\x00", "expected 2 strings, got 1"),
        ("BYTES", [1], b"\x01\x00\x00\x00\xff", "expected UTF-8, got invalid start byte at byte 0 - at $.x[0]"),
        ("BYTES", [1], b"\x03\x00\x00\x00\xed\xa0\x80", "expected UTF-8"),
    ],
)
def test_raw_contents_that_do_not_fit_are_refused(datatype: str, shape: list[int], raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as refused:
        tensors.decode(datatype, shape, raw, "$.x")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("datatype", "shape", "contents", "message"),
    [
        ("FP64", [2], {"fp64_contents": [1.0]}, "expected 2 elements for shape [2], got 1"),
        ("FP64", [1], {"fp64_contents": [1.0, 2.0]}, "got 2"),
        ("FP64", [1], {"fp32_contents": [1.0]}, "expected fp64_contents for FP64, got fp32_contents"),
        ("FP64", [1], {"fp64_contents": [1.0], "int_contents": [1]}, "got int_contents"),
        ("FP64", [1], {}, "expected 1 elements"),
        ("INT8", [2], {"int_contents": [-129, 5]}, "expected INT8, got -129 to 5"),
        ("INT16", [1], {"int_contents": [32768]}, "expected INT16"),
        ("UINT8", [1], {"uint_contents": [256]}, "expected UINT8, got 256 to 256"),
        ("UINT16", [1], {"uint_contents": [65536]}, "expected UINT16"),
        ("FP16", [1], {"fp32_contents": [1.0]}, "expected FP16 in raw_input_contents"),
        ("BYTES", [1], {"bytes_contents": [b"\xff"]}, "expected UTF-8"),
        ("BYTES", [2], {"bytes_contents": [b"a"]}, "expected 2 strings, got 1"),
        ("FP64", [-1], {"fp64_contents": [1.0]}, "dimensions of 0 or more"),
        ("BF16", [1], {}, "got datatype 'BF16'"),
    ],
)
def test_typed_contents_that_do_not_fit_are_refused(datatype: str, shape: list[int], contents: Any, message: str) -> None:
    with pytest.raises(InputError) as refused:
        tensors.decode_typed(datatype, shape, InferTensorContents(**contents), "$.x")
    assert message in str(refused.value)


def test_a_lone_surrogate_cannot_be_sent() -> None:
    with pytest.raises(InputError, match="expected text that UTF-8 can write"):
        tensors.encode(np.array(["\ud800"], object))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(tensors.BY_WIRE)), st.lists(st.integers(-2, 5), max_size=3), st.binary(max_size=64))
def test_random_bytes_are_an_array_or_an_input_error(datatype: str, shape: list[int], raw: bytes) -> None:
    try:
        array = tensors.decode(datatype, shape, raw, "$")
    except InputError:
        return
    assert list(array.shape) == shape
    assert tensors.encode(array) == (datatype, raw)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXT, max_size=5), st.data())
def test_strings_cut_anywhere_are_refused(texts: list[str], data: st.DataObject) -> None:
    raw = b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)
    cut = data.draw(st.integers(0, len(raw)))
    if cut < len(raw):
        with pytest.raises(InputError):
            tensors.decode("BYTES", [len(texts)], raw[:cut], "$")
