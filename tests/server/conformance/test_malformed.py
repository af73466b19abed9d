"""Messages from a fuzzer: every method answers with a status, and the server lives on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import KINDS, Protocol

from vajra_onnx import dtypes
from vajra_onnx.server import Server
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

CODE = grpc.StatusCode
# INTERNAL and UNKNOWN are not here: they would say that nobody had thought of it.
EXPECTED = {CODE.OK, CODE.INVALID_ARGUMENT, CODE.NOT_FOUND, CODE.FAILED_PRECONDITION, CODE.UNIMPLEMENTED, CODE.UNAVAILABLE}
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ASKED = sorted(name for name in METHODS if name not in ("RepositoryModelLoad", "RepositoryModelUnload"))

words = st.one_of(
    st.sampled_from(["", "matrix", "echo", "people", "..", "../..", "/etc/passwd", "a\\b", "\x00", "x" * 2500, "*"]),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
integers = st.one_of(st.integers(-3, 5), st.sampled_from([-(1 << 63), (1 << 63) - 1, 1 << 31, 1 << 48]))
contents = st.builds(
    pb.InferTensorContents,
    bool_contents=st.lists(st.booleans(), max_size=3),
    int_contents=st.lists(st.integers(-(1 << 31), (1 << 31) - 1), max_size=3),
    int64_contents=st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=3),
    fp32_contents=st.lists(st.floats(width=32), max_size=3),
    fp64_contents=st.lists(st.floats(), max_size=6),
    bytes_contents=st.lists(st.binary(max_size=6), max_size=3),
)
parameters = st.dictionaries(
    st.one_of(words, st.sampled_from(["shared_memory_region", "priority", "timeout", "sequence_id", "binary_data"])),
    st.builds(pb.InferParameter, int64_param=st.integers(-(1 << 63), (1 << 63) - 1)),
    max_size=2,
)
tensors = st.builds(
    pb.ModelInferRequest.InferInputTensor,
    name=st.one_of(st.sampled_from(["X", *KINDS]), words),
    datatype=st.one_of(st.sampled_from([row.wire for row in dtypes.DTYPES.values()]), words),
    shape=st.lists(integers, max_size=4),
    parameters=parameters,
    contents=contents,
)
requests = st.builds(
    pb.ModelInferRequest,
    model_name=st.one_of(st.sampled_from(["matrix", "echo", "strict", "people"]), words),
    model_version=st.one_of(st.just(""), words),
    id=words,
    parameters=parameters,
    inputs=st.lists(tensors, max_size=4),
    outputs=st.lists(st.builds(pb.ModelInferRequest.InferRequestedOutputTensor, name=words, parameters=parameters), max_size=2),
    raw_input_contents=st.lists(st.binary(max_size=64), max_size=4),
)


def status(channel: grpc.Channel, method: str, message: bytes) -> grpc.StatusCode:
    """The status of a call, on a stream too."""
    call = channel.stream_stream(METHODS[method].path)(iter([message]), timeout=20)
    list_or_error(call)
    code: grpc.StatusCode = call.code()
    return code


def list_or_error(call: Any) -> None:
    try:
        list(call)
    except grpc.RpcError:
        return


@FUZZ
@given(st.sampled_from(ASKED), st.binary(max_size=200))
def test_bytes_of_any_kind(channel: grpc.Channel, method: str, message: bytes) -> None:
    assert status(channel, method, message) in EXPECTED


@FUZZ
@given(requests)
def test_requests_of_any_kind(channel: grpc.Channel, request: pb.ModelInferRequest) -> None:
    message = request.SerializeToString()
    assert status(channel, "ModelInfer", message) in EXPECTED
    assert status(channel, "ModelStreamInfer", message) in EXPECTED


@FUZZ
@given(st.data())
def test_requests_that_were_damaged(channel: grpc.Channel, data: st.DataObject) -> None:
    message = bytearray(codec.infer_request("matrix", {"X": np.ones((2, 3))}).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(message) - 1))
        if data.draw(st.booleans()):
            message[position] = data.draw(st.integers(0, 255))
        else:
            message[position:position] = data.draw(st.binary(max_size=9))
    assert status(channel, "ModelInfer", bytes(message)) in EXPECTED


@pytest.mark.parametrize("depth", [10_000])
def test_messages_nested_beyond_reason(channel: grpc.Channel, depth: int) -> None:
    """Groups of an unknown field: protobuf's own limit of 100 levels ends them, and not the stack."""
    message = b"\x0b" * depth + b"\x0c" * depth
    assert status(channel, "ModelInfer", message) in EXPECTED


NAMES = ["../matrix", "matrix/1", "/etc/passwd", "..", ".", "matrix\x00", "C:\\x", "file:///etc/passwd", "~", "%2e%2e"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_reaches_a_file(protocol: Any, repository: Path, name: str) -> None:
    before = sorted(repository.rglob("*"))
    assert protocol.refusal("ModelInfer", codec.infer_request(name, {"X": np.zeros((1, 3))}))[0] is CODE.NOT_FOUND
    assert protocol.refusal("ModelMetadata", pb.ModelMetadataRequest(name=name))[0] is CODE.NOT_FOUND
    assert protocol.refusal("ModelInfer", codec.infer_request("matrix", {}, version=name))[0] is CODE.NOT_FOUND
    assert not protocol("ModelReady", pb.ModelReadyRequest(name=name)).ready
    assert protocol.refusal("RepositoryModelLoad", pb.RepositoryModelLoadRequest(model_name=name))[0] in EXPECTED - {CODE.OK}
    assert protocol.refusal("RepositoryModelUnload", pb.RepositoryModelUnloadRequest(model_name=name))[0] in EXPECTED - {CODE.OK}
    assert sorted(repository.rglob("*")) == before


def test_what_may_be_loaded_lies_in_the_repository(repository: Path, transport: str) -> None:
    """Triton takes files and configurations in the request; here they are refused, and names are looked up, never opened."""
    server = Server(transport=transport)
    try:
        server.open(repository, explicit=True).load_all()
        server.announce()
        with grpc.insecure_channel(server.address) as channel:
            protocol = Protocol(channel)
            for name in NAMES:
                for method in ("RepositoryModelLoad", "RepositoryModelUnload"):
                    assert protocol.refusal(method, METHODS[method].request(model_name=name))[0] is CODE.NOT_FOUND
            request = pb.RepositoryModelLoadRequest(model_name="matrix")
            request.parameters["file:1/model.onnx"].bytes_param = b"a model of my own"
            code, text = protocol.refusal("RepositoryModelLoad", request)
            assert (code, text) == (CODE.INVALID_ARGUMENT, "expected no parameters, got file:1/model.onnx - at $.parameters")
            assert protocol("RepositoryModelLoad", pb.RepositoryModelLoadRequest(model_name="matrix")) is not None
    finally:
        server.stop()
