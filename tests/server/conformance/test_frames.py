"""Below gRPC: frames that no client library would send, clients that are slow, and clients that vanish.

Whatever comes, the connection or the stream ends, and the server answers the next client.
"""

from __future__ import annotations

import os
import random
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import numpy as np
import pytest
from serving import running

from vajra_onnx.client import Client
from vajra_onnx.server import Server
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MESSAGE = codec.infer_request("matrix", {"X": np.zeros((1, 3))}).SerializeToString()
INTERNAL, UNIMPLEMENTED, NOT_FOUND = "13", "12", "5"


def framed(message: bytes, *, flag: int = 0, length: int | None = None) -> bytes:
    return struct.pack(">BI", flag, len(message) if length is None else length) + message


class Http2:
    """One HTTP/2 connection whose requests are made by hand."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        config = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def headers(self, end: bool = False, **changes: str | None) -> int:
        stream: int = self.h2.get_next_available_stream_id()
        wanted: dict[str, str | None] = {
            ":method": "POST",
            ":scheme": "http",
            ":path": METHODS["ModelInfer"].path,
            ":authority": "localhost",
            "content-type": "application/grpc",
            "te": "trailers",
        }
        wanted |= {name.replace("__", ":").replace("_", "-"): value for name, value in changes.items()}
        self.h2.send_headers(stream, [(k, v) for k, v in wanted.items() if v is not None], end_stream=end)
        self.flush()
        return stream

    def data(self, stream: int, content: bytes, end: bool = True) -> None:
        self.h2.send_data(stream, content, end_stream=end)
        self.flush()

    def outcome(self, stream: int, seconds: float = 10) -> str:
        """grpc-status where there is one, else "http STATUS", "reset" or "closed"."""
        self.socket.settimeout(seconds)
        status = ""
        for event in self._events():
            if getattr(event, "stream_id", stream) != stream and not isinstance(event, h2.events.ConnectionTerminated):
                continue
            if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                fields = {_text(k): _text(v) for k, v in event.headers}
                status = fields.get("grpc-status") or status or f"http {fields.get(':status')}"
            elif isinstance(event, h2.events.StreamEnded):
                return status
            elif isinstance(event, h2.events.StreamReset):
                return status if status.isdecimal() else "reset"
            elif isinstance(event, h2.events.ConnectionTerminated):
                return "closed"
        return "closed"

    def _events(self) -> Iterator[Any]:
        while True:
            try:
                content = self.socket.recv(65536)
            except ConnectionError:
                return
            if not content:
                return
            yield from self.h2.receive_data(content)
            self.flush()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


@pytest.fixture
def connection(server: Server) -> Iterator[Http2]:
    """A connection, and afterwards the proof that the server still answers another."""
    one = Http2(server)
    yield one
    one.socket.close()
    well(server)


def well(server: Server, seconds: float = 10) -> None:
    with Client(server.address, timeout=seconds) as client:
        assert client.run("matrix", np.zeros((2, 3)))["predict"].shape == (2,)


def test_a_request_made_by_hand_is_answered(connection: Http2) -> None:
    stream = connection.headers()
    connection.data(stream, framed(MESSAGE))
    assert connection.outcome(stream) == "0"


def test_a_message_in_pieces_is_answered(connection: Http2) -> None:
    stream = connection.headers()
    content = framed(MESSAGE)
    for position in range(len(content)):
        connection.data(stream, content[position : position + 1], end=position == len(content) - 1)
    assert connection.outcome(stream) == "0"


@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        (framed(MESSAGE, flag=1), {INTERNAL, UNIMPLEMENTED}),  # compressed, it says, but not how
        # grpcio's core may hand on an empty message before it ends the call (grpc/grpc#32257): a model without a name.
        (framed(MESSAGE, flag=7), {INTERNAL, UNIMPLEMENTED, NOT_FOUND, "reset"}),
        (framed(MESSAGE, length=len(MESSAGE) + 1), {INTERNAL, UNIMPLEMENTED, "3", "reset"}),  # ends before its end
        (framed(MESSAGE, length=len(MESSAGE) - 1), {INTERNAL, "3", "reset"}),
        (framed(MESSAGE, length=0xFFFFFFFF), {"8", INTERNAL, "reset"}),  # 4 GB are announced
        (framed(MESSAGE)[:3], {INTERNAL, UNIMPLEMENTED, "reset"}),
        (b"", {INTERNAL, UNIMPLEMENTED, "reset"}),
        (framed(MESSAGE) * 2, {INTERNAL, UNIMPLEMENTED, "0", "reset"}),  # a second message on a unary call
    ],
    ids=["compressed", "flag 7", "too short", "too long", "4 GB", "no prefix", "empty", "twice"],
)
def test_frames_that_are_wrong_end_the_call(connection: Http2, content: bytes, outcomes: set[str]) -> None:
    stream = connection.headers()
    connection.data(stream, content)
    assert connection.outcome(stream) in outcomes


@pytest.mark.parametrize(
    ("changes", "outcomes"),
    [
        # grpcio reads a message whatever its content type is called.
        ({"content_type": "application/json"}, {"0", "http 415", "2", UNIMPLEMENTED, INTERNAL, "reset"}),
        ({"content_type": None}, {"0", "http 415", "2", UNIMPLEMENTED, INTERNAL, "reset"}),
        ({"__method": "GET"}, {"http 405", "2", UNIMPLEMENTED, INTERNAL, "reset", "closed"}),
        ({"__path": "/../../etc/passwd"}, {UNIMPLEMENTED}),
        ({"__path": "*"}, {UNIMPLEMENTED, "http 404", "http 400", "reset", "closed"}),
        ({"grpc_encoding": "zstd-9"}, {UNIMPLEMENTED, INTERNAL}),
        ({"grpc_timeout": "soon"}, {"0", INTERNAL, "http 400", "3"}),  # grpcio ignores one that it cannot read
        ({"grpc_timeout": "0n"}, {"4"}),
    ],
)
def test_headers_that_are_wrong_end_the_call(connection: Http2, changes: dict[str, str | None], outcomes: set[str]) -> None:
    stream = connection.headers(**changes)
    flag = 1 if "grpc_encoding" in changes else 0
    try:
        connection.data(stream, framed(MESSAGE, flag=flag))
        found = connection.outcome(stream)
    except ConnectionError:
        found = "closed"
    assert found in outcomes


@pytest.mark.parametrize(
    "content",
    [
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),  # the beginning of TLS
        PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x00" + bytes(1000),  # a frame of 16 MB
        PREFACE + b"\x00\x00\x04\x04\x00\x00\x00\x00\x01\x00\x00\x00\x00",  # settings on a stream
        PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x05\x01\x05\x00\x00\x00\x01\xff\xff\xff\xff\xff",
        PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        bytes(10_000),
    ],
    ids=["http1", "tls", "frame of 16 MB", "settings on a stream", "broken hpack", "window of 0", "zeros"],
)
def test_what_is_not_http2_is_hung_up_on(server: Server, content: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        try:
            one.sendall(content)
            one.shutdown(socket.SHUT_WR)
            while one.recv(65536):
                pass
        except TimeoutError:
            raise
        except OSError:
            pass
    well(server)


def test_noise_after_a_good_beginning(server: Server) -> None:
    noise = random.Random(7)
    for _ in range(60):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
            frames = b"".join(
                struct.pack(">I", size)[1:] + bytes([noise.randrange(11), noise.randrange(256)])
                + struct.pack(">I", noise.choice([0, 1, 2, 3, 1 << 31])) + noise.randbytes(size)
                for size in (noise.randrange(60) for _ in range(20))
            )  # fmt: skip
            try:
                one.sendall(PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + frames)
            except ConnectionError:
                continue
    well(server)


def test_clients_that_say_nothing_hold_up_nobody(server: Server) -> None:
    """300 connections that stay open, before the preface or inside it."""
    with ExitStack() as held:
        for number in range(300):
            one = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            one.sendall(PREFACE[: number % 20])
        for _ in range(5):
            well(server)
    well(server)


def stall(server: Server, held: ExitStack, **headers: str) -> None:
    """Calls that begin and never send the whole of their message."""
    for number in range(50):
        one = Http2(server)
        held.callback(one.socket.close)
        stream = one.headers(**headers)
        one.data(stream, framed(MESSAGE)[: number % 40], end=False)


def test_messages_that_never_end_hold_up_nobody(server: Server) -> None:
    with ExitStack() as held:
        stall(server, held)
        well(server, 3)


def test_callers_without_a_token_cannot_hold_up_anybody(repository: Path, transport: str, tmp_path: Path) -> None:
    """They are refused when their headers arrive, before a worker waits for their message."""
    token = new_token()
    (tmp_path / "tokens").write_text(line("one", token, ["model:*"]))
    with ExitStack() as held:
        server = held.enter_context(running(repository / "matrix", transport=transport, tokens=Tokens(tmp_path / "tokens")))
        stall(server, held)
        stall(server, held, authorization="Bearer nothing")
        with Client(server.address, timeout=5, token=token) as client:
            assert client.run("matrix", np.zeros((2, 3)))["predict"].shape == (2,)


def test_clients_that_vanish_leave_nothing_behind(server: Server) -> None:
    """In the middle of a message, of an answer, of a stream: with a reset instead of a goodbye."""
    before = len(os.listdir("/proc/self/fd"))
    large = framed(codec.infer_request("matrix", {"X": np.zeros((200, 3))}).SerializeToString())
    for number in range(100):
        one = Http2(server)
        path = METHODS["ModelStreamInfer" if number % 3 == 0 else "ModelInfer"].path
        stream = one.headers(__path=path)
        one.data(stream, large if number % 2 else large[:100], end=number % 3 == 1)
        one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.socket.close()
    well(server)
    end = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > before + 8 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= before + 8


def test_a_flood_of_streams_that_are_reset(repository: Path, transport: str) -> None:
    """Rapid reset (CVE-2023-44487): requests that are taken back at once do not keep others from being answered."""
    with running(repository / "matrix", transport=transport) as server:
        one = Http2(server)
        # A socket that a failure left open would be the next test's warning.
        with closing(one.socket):
            with suppress(ConnectionError, h2.exceptions.ProtocolError):
                for _ in range(2000):
                    stream = one.headers()
                    one.h2.reset_stream(stream)
                    one.flush()
            well(server)
