"""Clients that take long, say nothing or are not there any more; on an encrypted port too."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import h2.connection
import h2.events
import numpy as np
import pytest
from pki import Authority
from serving import hold, running

from vajra_onnx.client import Client
from vajra_onnx.server import Server
from vajra_onnx.server.config import Config
from vajra_onnx.server.health import Health
from vajra_onnx.server.models import Models
from vajra_onnx.server.service import Service
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.tls import Certificates
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.server.transports import Endpoint, Transport, open_transport
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

INFER, STREAM = METHODS["ModelInfer"], METHODS["ModelStreamInfer"]
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def encrypted(repository: Path, transport: str, authority: Authority) -> Iterator[Server]:
    with running(repository / "matrix", transport=transport, tls=authority.server()) as one:
        yield one


def well(server: Server, authority: Authority) -> None:
    with Client(server.address, tls=authority.ca, timeout=10) as client:
        assert client.run("matrix", np.zeros((2, 3)))["predict"].shape == (2,)


def secured(server: Server, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection whose handshake is done."""
    one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    try:
        return context.wrap_socket(one, server_hostname="127.0.0.1")
    except OSError:
        one.close()
        raise


def closed(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends the connection within this time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            if not connection.recv(65536):
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    "content",
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", HELLO + bytes(500), HELLO + b"\xff" * 600, bytes(20_000)],
    ids=["no TLS", "http1", "hello of zeros", "hello of noise", "zeros"],
)
def test_garbage_on_an_encrypted_port_is_hung_up_on(encrypted: Server, authority: Authority, content: bytes) -> None:
    with socket.create_connection(("127.0.0.1", encrypted.port), timeout=10) as one:
        try:
            one.sendall(content)
            one.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        assert closed(one, 10)
    well(encrypted, authority)


def test_garbage_after_the_handshake_is_hung_up_on(encrypted: Server, authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.set_alpn_protocols(["h2"])
    for content in (os.urandom(5000), bytes(5000)):
        with secured(encrypted, context) as secret:
            secret.sendall(content)
            assert closed(secret, 10)
        with secured(encrypted, context) as secret, socket.socket(fileno=secret.detach()) as below:  # behind TLS's back
            below.sendall(content)
            assert closed(below, 10)
    well(encrypted, authority)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_protocols_are_refused(encrypted: Server, authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        secured(encrypted, context)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=str(authority.ca))
        context.set_alpn_protocols(["h2"])
        context.minimum_version = context.maximum_version = version
        with secured(encrypted, context) as secret:
            assert secret.selected_alpn_protocol() == "h2"


def test_handshakes_that_never_end_hold_up_nobody(encrypted: Server, authority: Authority) -> None:
    with ExitStack() as held:
        for number in range(200):
            one = held.enter_context(socket.create_connection(("127.0.0.1", encrypted.port), timeout=10))
            one.sendall((HELLO + bytes(100))[: number % 100])
        for _ in range(3):
            well(encrypted, authority)


def test_many_handshakes_at_once_hold_up_nobody_who_is_connected(encrypted: Server, authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.set_alpn_protocols(["h2"])
    stop = threading.Event()

    def knock() -> None:
        while not stop.is_set():
            secured(encrypted, context).close()

    threads = [threading.Thread(target=knock) for _ in range(4)]
    with Client(encrypted.address, tls=authority.ca, timeout=10) as client:
        client.live()
        for thread in threads:
            thread.start()
        try:
            for _ in range(50):
                assert client.run("matrix", np.zeros((2, 3)))["predict"].shape == (2,)
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)


@pytest.mark.parametrize("megabytes", [1, 8])
def test_large_messages_pass_encryption_whole(repository: Path, transport: str, authority: Authority, megabytes: int) -> None:
    rows = np.random.default_rng(0).normal(size=(megabytes * (1 << 20) // 24, 3))
    with running(repository / "matrix", transport=transport) as plain, Client(plain.address) as client:
        expected = client.run("matrix", rows)
    with ExitStack() as stack:
        server = stack.enter_context(running(repository / "matrix", transport=transport, tls=authority.server()))
        client = stack.enter_context(Client(server.address, tls=authority.ca))
        for name, array in client.run("matrix", rows).items():
            np.testing.assert_array_equal(array, expected[name], strict=True)


@pytest.fixture
def impatient(transport: str, authority: Authority, request: pytest.FixtureRequest) -> Iterator[Transport]:
    """A transport alone, with the patience that the test asks for."""
    options = dict(request.param)
    tls: Certificates | None = authority.server() if options.pop("tls", False) else None
    health = Health()
    one = open_transport(transport, Service(Models(), lambda: True), health, Endpoint(tls=tls, **options))
    yield one
    health.close()
    one.stop()


@pytest.mark.parametrize("impatient", [{"handshake": 1.0}, {"handshake": 1.0, "tls": True}], ids=["plain", "tls"], indirect=True)
@pytest.mark.parametrize("said", [b"", b"PRI * HTTP", HELLO])
def test_a_client_that_does_not_introduce_itself_is_let_go(impatient: Transport, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=10) as one:
        one.sendall(said)
        assert closed(one, 8)


@pytest.mark.parametrize("impatient", [{"idle": 1.0}], indirect=True)
def test_a_client_that_asks_nothing_is_let_go(impatient: Transport) -> None:
    one = socket.create_connection(("127.0.0.1", impatient.port), timeout=10)
    protocol = h2.connection.H2Connection()
    protocol.initiate_connection()
    with one:
        one.sendall(protocol.data_to_send())
        end, told = time.monotonic() + 10, False
        while not told and time.monotonic() < end:
            told = any(isinstance(e, h2.events.ConnectionTerminated) for e in protocol.receive_data(one.recv(65536)))
        assert told


@pytest.mark.parametrize("impatient", [{"keepalive": 1.0}], indirect=True)
def test_a_silent_client_is_asked_whether_it_is_there(impatient: Transport) -> None:
    one = socket.create_connection(("127.0.0.1", impatient.port), timeout=10)
    protocol = h2.connection.H2Connection()
    protocol.initiate_connection()
    pings = 0
    with one:
        one.sendall(protocol.data_to_send())
        end = time.monotonic() + 15
        while pings < 2 and time.monotonic() < end:
            pings += sum(isinstance(e, h2.events.PingReceived) for e in protocol.receive_data(one.recv(65536)))
            one.sendall(protocol.data_to_send())
    assert pings == 2


def test_a_caller_without_a_token_is_refused_before_its_message_is_whole(
    repository: Path, transport: str, tmp_path: Path
) -> None:
    token = new_token()
    (tmp_path / "tokens").write_text(line("one", token, ["model:*"]))
    with ExitStack() as stack:
        server = stack.enter_context(running(repository / "matrix", transport=transport, tokens=Tokens(tmp_path / "tokens")))
        channel = stack.enter_context(grpc.insecure_channel(server.address))
        for path in (INFER.path, STREAM.path):
            never = threading.Event()

            def endless(never: threading.Event = never) -> Iterator[bytes]:
                yield bytes(1 << 20)
                never.wait(20)

            with pytest.raises(grpc.RpcError) as refused:
                list(channel.stream_stream(path)(endless(), timeout=10, metadata=(("authorization", "Bearer no"),)))
            never.set()
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        large = codec.infer_request("matrix", {"X": np.zeros((5000, 3))})
        ask = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)
        for _ in range(3):
            assert ask(large, timeout=10, metadata=(("authorization", f"Bearer {token}"),)).outputs


def test_a_cancelled_call_leaves_the_queue_before_python_s_model(repository: Path, transport: str) -> None:
    """Of a model that only Python runs."""
    server = Server(transport=transport)
    try:
        server.open(repository / "matrix", Config(Settings(arena=False, concurrency=1))).load_all()
        server.announce()
        release, model = hold(server, "matrix"), server.models.find("matrix", "")[0]
        with grpc.insecure_channel(server.address) as channel:
            ask = channel.unary_unary(INFER.path, lambda m: m.SerializeToString())
            request = codec.infer_request("matrix", {"X": np.zeros((1, 3))})
            calls = [ask.future(request, timeout=30)]
            until(lambda: model.counts.pending == 1)
            calls.append(ask.future(request, timeout=30))
            until(lambda: model.waiting == 1)
            calls[1].cancel()
            until(lambda: model.waiting == 0)
            calls.append(ask.future(request, timeout=30))
            until(lambda: model.waiting == 1)
            channel.close()
            until(lambda: model.waiting == 0)
            release.set()
            until(lambda: model.counts.pending == 0)
            assert model.counts.failed() == {"CANCELLED": 2}
    finally:
        server.stop()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)
