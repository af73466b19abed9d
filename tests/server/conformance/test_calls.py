"""What surrounds a message: methods, sizes, compression, metadata, deadlines, cancellation, and many calls at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from serving import running

from vajra_onnx.client import Client
from vajra_onnx.errors import InputError
from vajra_onnx.server import Server
from vajra_onnx.server.config import Config
from vajra_onnx.server.settings import Settings
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS, NAME
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

INFER = METHODS["ModelInfer"]
CODE = grpc.StatusCode


def infer(channel: grpc.Channel) -> Any:
    return channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)


def steps(count: int) -> pb.ModelInferRequest:
    return codec.infer_request("slow", {"steps": np.array([[count]])})


def refusal(call: Any, *arguments: Any, **options: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as refused:
        call(*arguments, timeout=20, **options)
    return refused.value.code(), refused.value.details()


@pytest.mark.parametrize(
    "path", [f"/{NAME}/Nothing", f"/{NAME}/", "/nobody.Service/Method", "/inference.GRPCInferenceService/modelinfer", "/a/b/c"]
)
def test_unknown_methods_are_unimplemented(channel: grpc.Channel, path: str) -> None:
    assert refusal(channel.unary_unary(path), b"")[0] is CODE.UNIMPLEMENTED


def test_a_unary_method_without_a_message_gets_a_status(channel: grpc.Channel) -> None:
    call = channel.stream_unary(METHODS["ModelInfer"].path)
    assert refusal(call, iter([]))[0] in (CODE.UNKNOWN, CODE.UNIMPLEMENTED, CODE.INTERNAL, CODE.INVALID_ARGUMENT)


def test_a_message_is_refused_from_the_limit_on(repository: Path, transport: str) -> None:
    limit = 1 << 20
    request = codec.infer_request("matrix", {"X": np.zeros((limit // 24 - 100, 3))}, request_id="0" * 1000)
    request.id += "0" * (limit - request.ByteSize())
    assert request.ByteSize() == limit
    with running(repository / "matrix", transport=transport, max_message=1) as server, Client(server.address) as client:
        with grpc.insecure_channel(server.address) as channel:
            assert infer(channel)(request, timeout=10).id == request.id
            request.id += "0"
            code, text = refusal(infer(channel), request)
        assert (code, text) == (CODE.RESOURCE_EXHAUSTED, f"SERVER: Received message larger than max ({limit + 1} vs. {limit})")
        assert client.live()


def test_a_message_that_unpacks_beyond_the_limit_is_refused(repository: Path, transport: str) -> None:
    with running(repository / "matrix", transport=transport, max_message=1) as server, Client(server.address) as client:
        with grpc.insecure_channel(server.address, compression=grpc.Compression.Gzip) as channel:
            bomb = codec.infer_request("matrix", {"X": np.zeros((2_000_000, 3))})
            assert refusal(infer(channel), bomb)[0] is CODE.RESOURCE_EXHAUSTED
        assert client.live()


def test_more_rows_than_one_request_may_have_are_refused(repository: Path, transport: str) -> None:
    few = Config(Settings(max_rows=5))
    server = Server(transport=transport)
    try:
        server.open(repository / "matrix", few).load_all()
        server.announce()
        with Client(server.address) as client:
            assert client.run("matrix", np.zeros((5, 3)))["predict"].shape == (5,)
            with pytest.raises(InputError, match=r"expected at most 5 rows, got 6 - at \$.inputs"):
                client.run("matrix", np.zeros((6, 3)))
    finally:
        server.stop()


@pytest.mark.parametrize("algorithm", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compressed_messages(server: Server, algorithm: grpc.Compression) -> None:
    with grpc.insecure_channel(server.address, compression=algorithm) as channel:
        response = infer(channel)(codec.infer_request("matrix", {"X": np.zeros((100, 3))}), timeout=10)
        assert codec.read_outputs(response)["predict"].shape == (100,)


def test_metadata_of_any_kind_does_not_disturb(channel: grpc.Channel) -> None:
    metadata = (("x-request-id", "7f"), ("x-request-id", "again"), ("trace-bin", b"\x00\xff"), ("authorization", "Bearer any"))
    call = channel.unary_unary(METHODS["ServerLive"].path, None, pb.ServerLiveResponse.FromString)
    assert call(b"", timeout=10, metadata=metadata).live


def test_metadata_without_measure_is_refused(channel: grpc.Channel, protocol: Any) -> None:
    call = channel.unary_unary(METHODS["ServerLive"].path)
    assert refusal(call, b"", metadata=(("x-large", "x" * 1_000_000),))[0] is not CODE.OK
    assert protocol("ServerLive", pb.ServerLiveRequest()).live


def test_fields_that_nobody_knows_are_skipped(channel: grpc.Channel) -> None:
    """Protobuf's own rule: newer clients keep working."""
    call = channel.unary_unary(METHODS["ServerLive"].path, None, pb.ServerLiveResponse.FromString)
    assert call(b"\xfa\x3f\x03abc", timeout=10).live


def test_a_deadline_ends_a_call_and_not_the_server(slow_repository: Path, transport: str) -> None:
    with running(slow_repository, transport=transport) as server, grpc.insecure_channel(server.address) as channel:
        assert codec.read_outputs(infer(channel)(steps(3), timeout=20))["done"].tolist() == [[3]]
        start = time.perf_counter()
        with pytest.raises(grpc.RpcError) as late:
            infer(channel)(steps(20_000), timeout=0.2)
        assert late.value.code() is CODE.DEADLINE_EXCEEDED
        assert time.perf_counter() - start < 10
        assert codec.read_outputs(infer(channel)(steps(5), timeout=60))["done"].tolist() == [[5]]


def test_calls_without_a_deadline_may_wait(slow_repository: Path, transport: str) -> None:
    """Most clients set none unless they are told to; what waits in the queue is answered like the rest."""
    with running(slow_repository, transport=transport) as server, grpc.insecure_channel(server.address) as channel:
        calls = [infer(channel).future(steps(40 + n)) for n in range(16)]
        assert [codec.read_outputs(call.result(60))["done"].tolist() for call in calls] == [[[40 + n]] for n in range(16)]


def test_a_cancelled_call_is_cancelled(slow_repository: Path, transport: str) -> None:
    with running(slow_repository, transport=transport) as server, grpc.insecure_channel(server.address) as channel:
        call = infer(channel).future(steps(20_000), timeout=60)
        time.sleep(0.1)
        assert call.cancel()
        assert call.code() is CODE.CANCELLED
        assert codec.read_outputs(infer(channel)(steps(5), timeout=60))["done"].tolist() == [[5]]


def test_answers_do_not_mix(server: Server) -> None:
    """Distinct, differently sized requests, all at once over several connections: each gets its own rows back."""
    random = np.random.default_rng(5)
    sizes = random.integers(0, 40, 1500)
    with Client(server.address) as client:
        schema_asked = client.run("matrix", np.zeros((1, 3)))
        assert len(schema_asked) == 2
        alone = {int(n): client.run("matrix", rows_of(int(n)))["predict_proba"] for n in np.unique(sizes)}
    clients = [Client(server.address) for _ in range(4)]
    try:
        with ThreadPoolExecutor(32) as pool:
            asked = enumerate(sizes.tolist())
            answers = pool.map(lambda a: (a[1], clients[a[0] % 4].run("matrix", rows_of(a[1]))["predict_proba"]), asked)
            for size, answer in answers:
                np.testing.assert_array_equal(answer, alone[size])
    finally:
        for client in clients:
            client.close()


def rows_of(size: int) -> np.ndarray:
    return np.random.default_rng(size).normal(size=(size, 3))


STREAM = METHODS["ModelStreamInfer"]


def stream(channel: grpc.Channel) -> Any:
    return channel.stream_stream(STREAM.path, lambda m: m.SerializeToString(), STREAM.response.FromString)


def test_a_stream_answers_in_order(channel: grpc.Channel) -> None:
    requests = (codec.infer_request("matrix", {"X": rows_of(n % 9)}, request_id=str(n)) for n in range(200))
    answers = list(stream(channel)(requests, timeout=30))
    assert [a.infer_response.id for a in answers] == [str(n) for n in range(200)]
    assert [len(codec.read_outputs(a.infer_response)["predict"]) for a in answers] == [n % 9 for n in range(200)]


def test_an_empty_stream_ends(channel: grpc.Channel) -> None:
    assert list(stream(channel)(iter([]), timeout=10)) == []


def test_a_stream_that_nobody_reads_is_not_taken_in(channel: grpc.Channel) -> None:
    """The server answers what it takes: it holds a bounded part of what a client sends without reading."""
    taken = 0
    request = codec.infer_request("matrix", {"X": np.zeros((10_000, 3))})  # 240 KB each way

    def requests() -> Iterator[pb.ModelInferRequest]:
        nonlocal taken
        for _ in range(400):
            taken += 1
            yield request

    answers = stream(channel)(requests(), timeout=60)
    held = -1
    while held < taken:
        held = taken
        time.sleep(0.5)
    assert held < 200
    assert sum(1 for _ in answers) == 400


def test_a_stream_that_is_dropped_leaves_the_server_well(channel: grpc.Channel, protocol: Any) -> None:
    for _ in range(70):  # more than the streams that a server holds at once
        answers = stream(channel)(iter([codec.infer_request("matrix", {"X": rows_of(3)})]), timeout=20)
        next(answers)
        answers.cancel()
    assert protocol("ServerLive", pb.ServerLiveRequest()).live


def test_a_stream_goes_on_after_a_request_that_found_no_place(slow_repository: Path, transport: str) -> None:
    server = Server(transport=transport)
    try:
        server.open(slow_repository, Config(Settings(queue_limit=0, concurrency=1))).load_all()
        server.announce()
        counts = server.models.find("slow", "")[0].counts
        with grpc.insecure_channel(server.address) as channel:
            holding = infer(channel).future(steps(5000), timeout=60)
            while counts.now().pending == 0:
                time.sleep(0.001)

            def requests() -> Iterator[Any]:
                refused, later = steps(1), steps(2)
                refused.id, later.id = "refused", "later"
                yield refused
                holding.result()
                yield later

            method = METHODS["ModelStreamInfer"]
            stream = channel.stream_stream(method.path, lambda m: m.SerializeToString(), method.response.FromString)
            found = [(a.error_message, a.infer_response.id) for a in stream(requests(), timeout=60)]
        assert found == [("0 requests wait for the model already", "refused"), ("", "later")]
        assert counts.now().failed() == {"RESOURCE_EXHAUSTED": 1}
    finally:
        server.stop()
