"""Frames from a fuzzer, behind a good beginning: the connection or its streams end, and the server answers the next client."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vajra_onnx.client import Client
from vajra_onnx.server import Server
from vajra_onnx.wire import codec

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MESSAGE = codec.infer_request("matrix", {"X": np.zeros((1, 3))}).SerializeToString()
# HPACK: POST, http, /, then names and values in full.
HEADERS = b"\x83\x86\x84\x01\x01h\x0f\x10\x10application/grpc"

frame = st.builds(
    lambda kind, flags, stream, payload: struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload,
    st.one_of(st.integers(0, 9), st.integers(0, 255)),
    st.one_of(st.sampled_from([0, 1, 4, 5]), st.integers(0, 255)),
    st.one_of(st.integers(0, 5), st.sampled_from([0x7FFFFFFF, 0xFFFFFFFF])),
    st.one_of(
        st.binary(max_size=60),
        st.just(HEADERS),
        st.builds(lambda length, tail: struct.pack(">BI", 0, length) + tail, st.integers(0, 0xFFFFFFFF), st.just(MESSAGE)),
    ),
)


@pytest.fixture(scope="module")
def client(server: Server):
    with Client(server.address, timeout=20) as one:
        yield one


@FUZZ
@given(frames=st.lists(frame, max_size=12), cut=st.integers(0, 8))
def test_frames_of_any_kind(server: Server, client: Client, frames: list[bytes], cut: int) -> None:
    content = PREFACE + b"".join(frames)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as one, suppress(ConnectionError):
        one.sendall(content[: len(content) - cut])
        one.shutdown(socket.SHUT_WR)
        while one.recv(65536):
            pass
    assert client.run("matrix", np.zeros((2, 3)))["predict"].shape == (2,)
