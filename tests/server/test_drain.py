"""Shutting down, and being asked for too much."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from serving import hold, running

from vajra_onnx.client import Client
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

REQUEST = codec.infer_request("matrix", {"X": np.ones((1, 3))})
INFER, STREAM = METHODS["ModelInfer"], METHODS["ModelStreamInfer"]
OK, UNAVAILABLE = grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def file(repository: Path) -> Path:
    return repository / "matrix/1/model.onnx"


def call(channel: grpc.Channel) -> grpc.Future:
    method = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)
    return method.future(REQUEST, timeout=30)


def test_calls_in_flight_and_in_the_queue_are_finished(file: Path) -> None:
    with running(file, workers=1) as server, grpc.insecure_channel(server.address) as channel:
        release = hold(server, "matrix")
        calls = [call(channel) for _ in range(20)]
        drained: list[bool] = []
        drain = threading.Thread(target=lambda: drained.append(server.drain(grace=30)))
        drain.start()
        time.sleep(0.6)
        late = call(channel)
        assert (late.code(), late.details()) == (UNAVAILABLE, "the server is shutting down")
        assert not any(c.done() for c in calls)
        release.set()
        assert [c.code() for c in calls] == [OK] * 20
        drain.join()
        assert drained == [True]
        assert call(channel).code() is UNAVAILABLE


def test_a_grace_that_runs_out_cuts_calls_off(file: Path) -> None:
    with running(file, workers=1) as server, grpc.insecure_channel(server.address) as channel:
        release = hold(server, "matrix")
        calls = [call(channel) for _ in range(20)]
        time.sleep(0.2)
        assert not server.drain(grace=0.5)
        assert OK not in [c.code() for c in calls]
        release.set()


def test_an_open_stream_does_not_hold_up_the_end(file: Path) -> None:
    release = threading.Event()

    def requests() -> Iterator[object]:
        yield REQUEST
        release.wait(30)

    with running(file) as server, grpc.insecure_channel(server.address) as channel:
        stream = channel.stream_stream(STREAM.path, lambda m: m.SerializeToString(), STREAM.response.FromString)
        answers = stream(requests(), timeout=60)
        assert not next(answers).error_message
        start = time.perf_counter()
        assert server.drain(grace=30)
        assert time.perf_counter() - start < 10
        release.set()


def test_too_many_waiting_calls_are_refused_at_once(file: Path) -> None:
    with running(file, workers=1, limit=3) as server, grpc.insecure_channel(server.address) as channel:
        release = hold(server, "matrix")
        calls = [call(channel) for _ in range(10)]
        while sum(c.done() for c in calls) < 7:
            time.sleep(0.01)
        release.set()
        codes = [c.code() for c in calls]
        assert (codes.count(OK), codes.count(grpc.StatusCode.RESOURCE_EXHAUSTED)) == (3, 7)
        with Client(server.address) as client:
            assert client.live()


def test_a_message_that_is_too_large_is_refused(file: Path) -> None:
    with running(file, max_message=1) as server, grpc.insecure_channel(server.address) as channel:
        large = codec.infer_request("matrix", {"X": np.zeros((1 << 17, 3))})
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(INFER.path, lambda m: m.SerializeToString())(large, timeout=10)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_model_that_fails_unexpectedly_is_an_internal_error(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(file) as server, grpc.insecure_channel(server.address) as channel:
        _, session = server.models.find("matrix", "")
        session.run_feeds = lambda *_: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        failed = call(channel)
        assert (failed.code(), failed.details()) == (
            grpc.StatusCode.INTERNAL,
            "internal error: ZeroDivisionError: division by zero",
        )
        assert "ZeroDivisionError" in caplog.text
        del session.run_feeds
        assert call(channel).code() is OK
