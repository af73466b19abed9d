"""Raw and typed contents of every dtype, and the words for those that are not what they say."""

from __future__ import annotations

import struct
from typing import Any

import grpc
import numpy as np
import pytest
from serving import KINDS

from vajra_onnx import dtypes
from vajra_onnx.wire import codec
from vajra_onnx.wire.stubs import open_inference_pb2 as pb
from vajra_onnx.wire.tensors import FIELDS

INVALID = grpc.StatusCode.INVALID_ARGUMENT
TEXTS = ["", "a", "ü\n\t中\x00", "𝄞 long " * 1000]


def column(kind: str) -> np.ndarray:
    """The extremes of a dtype, and what is hard to carry."""
    if kind == "string":
        return np.array(TEXTS, dtype=object)[:, None]
    dtype = dtypes.dtype(kind).numpy
    if kind == "bool":
        return np.array([True, False, True, True])[:, None]
    if dtype.kind == "f":
        info = np.finfo(dtype.type)
        return np.array([info.max, info.smallest_subnormal, -0.0, np.nan], dtype)[:, None]
    whole = np.iinfo(dtype.type)
    return np.array([whole.min, whole.max, 0, 1], dtype)[:, None]


def typed(kinds: tuple[str, ...]) -> pb.ModelInferRequest:
    request = pb.ModelInferRequest(model_name="echo")
    for kind in kinds:
        wire, values = dtypes.dtype(kind).wire, column(kind)
        tensor = request.inputs.add(name=kind, datatype=wire, shape=values.shape)
        elements = [text.encode() for text in TEXTS] if kind == "string" else values.ravel().tolist()
        getattr(tensor.contents, FIELDS[wire]).extend(elements)
    return request


def raw() -> pb.ModelInferRequest:
    return codec.infer_request("echo", {kind: column(kind) for kind in KINDS})


def refused(protocol: Any, request: pb.ModelInferRequest, text: str) -> None:
    code, details = protocol.refusal("ModelInfer", request)
    assert code is INVALID
    assert text in details


def test_raw_contents_of_every_dtype(protocol: Any) -> None:
    answers = codec.read_outputs(protocol("ModelInfer", raw()))
    for kind in KINDS:
        assert answers[f"{kind}_out"].tobytes() == column(kind).tobytes() or kind == "string"
        np.testing.assert_array_equal(answers[f"{kind}_out"], column(kind), strict=True)


def test_typed_contents_do_not_mix_with_raw_ones_of_another_tensor(protocol: Any) -> None:
    request = raw()
    request.inputs[0].contents.fp64_contents.extend([1.0] * 4)
    refused(protocol, request, "expected raw_input_contents or typed contents, got both - at $.inputs['float64']")


def test_typed_contents_of_every_dtype_that_has_them(protocol: Any) -> None:
    """float16 has no typed field in the protocol, so this request is refused for it alone: every other was read before."""
    others = tuple(kind for kind in KINDS if kind != "float16")
    request = typed(others)
    request.inputs.add(name="float16", datatype="FP16", shape=[4, 1]).contents.fp32_contents.extend([1.0] * 4)
    refused(protocol, request, "expected FP16 in raw_input_contents, got typed contents - at $.inputs['float16']")


@pytest.mark.parametrize(
    ("kind", "shape", "content", "text"),
    [
        ("float64", [4, 1], b"\0" * 31, "expected 32 bytes for FP64 of shape [4, 1], got 31"),
        ("float64", [4, 1], b"\0" * 33, "expected 32 bytes for FP64 of shape [4, 1], got 33"),
        ("float64", [-1, 1], b"", "expected dimensions of 0 or more, got [-1, 1]"),
        ("float64", [1 << 62, 1 << 62], b"", "expected a shape of at most 2**48 elements and 32 dimensions"),
        ("float64", [1] * 33, b"\0" * 8, "expected a shape of at most 2**48 elements and 32 dimensions"),
        ("bool", [4, 1], b"\0\1\2\1", "expected bytes 0 or 1 for BOOL, got 2"),
        ("string", [4, 1], b"\0\0\0", "expected a length of 4 bytes, got 3 bytes"),
        ("string", [1, 1], struct.pack("<I", 0xFFFFFFFF) + b"abc", "expected a whole string, got 3 of 4294967295 bytes"),
        ("string", [1, 1], struct.pack("<I", 2) + b"\xff\xfe", "expected UTF-8"),
        ("string", [2, 1], struct.pack("<I", 0), "expected 2 strings, got 1"),
        ("string", [0, 1], struct.pack("<I", 0), "expected 0 strings, got 1"),
    ],
)
def test_raw_contents_that_are_not_what_they_say(protocol: Any, kind: str, shape: list[int], content: bytes, text: str) -> None:
    request = raw()
    index = KINDS.index(kind)
    request.inputs[index].shape[:] = shape
    request.raw_input_contents[index] = content
    refused(protocol, request, text)


@pytest.mark.parametrize(
    ("datatype", "field", "values", "text"),
    [
        ("INT8", "int_contents", [128] * 4, "expected INT8, got 128 to 128"),
        ("UINT16", "uint_contents", [1 << 16] * 4, "expected UINT16, got 65536 to 65536"),
        ("INT64", "int_contents", [1] * 4, "expected int64_contents for INT64, got int_contents"),
        ("FP64", "fp64_contents", [1.0] * 3, "expected 4 elements for shape [4, 1], got 3"),
        ("BYTES", "bytes_contents", [b"\xff"] * 4, "expected UTF-8"),
        ("FP65", "fp64_contents", [1.0] * 4, "got datatype 'FP65'"),
        ("", "fp64_contents", [1.0] * 4, "got datatype ''"),
    ],
)
def test_typed_contents_that_are_not_what_they_say(
    protocol: Any, datatype: str, field: str, values: list[Any], text: str
) -> None:
    request = pb.ModelInferRequest(model_name="matrix")
    tensor = request.inputs.add(name="X", datatype=datatype, shape=[4, 1])
    getattr(tensor.contents, field).extend(values)
    refused(protocol, request, text)


@pytest.mark.parametrize("count", [0, 1, 13, 15])
def test_another_number_of_raw_contents(protocol: Any, count: int) -> None:
    request = raw()
    contents = [*request.raw_input_contents, b""][:count]
    del request.raw_input_contents[:]
    request.raw_input_contents.extend(contents)
    assert protocol.refusal("ModelInfer", request)[0] is INVALID


@pytest.mark.parametrize("key", ["shared_memory_region", "shared_memory_byte_size", "classification"])
def test_parameters_that_would_change_the_meaning_are_refused(protocol: Any, key: str) -> None:
    request = codec.infer_request("matrix", {"X": np.zeros((1, 3))})
    request.inputs[0].parameters[key].int64_param = 1
    refused(protocol, request, f"expected contents in the message, got parameter {key!r}")


def test_a_tensor_that_comes_twice(protocol: Any) -> None:
    request = codec.infer_request("matrix", {"X": np.zeros((1, 3))})
    request.inputs.append(request.inputs[0])
    request.raw_input_contents.append(request.raw_input_contents[0])
    refused(protocol, request, "a tensor comes twice - at $.inputs['X']")


def test_an_output_that_is_wanted_twice(protocol: Any) -> None:
    request = codec.infer_request("matrix", {"X": np.zeros((1, 3))}, ["predict", "predict"])
    refused(protocol, request, "an output is requested twice: got ['predict', 'predict'] - at $.outputs")
