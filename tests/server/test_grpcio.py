"""What only grpcio's transport has to guard against: its threads are few, and its core has a mind of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from serving import running

from vajra_onnx.client import Client
from vajra_onnx.server.transports.grpcio import arrivals
from vajra_onnx.server.transports.grpcio.router import Calls
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

INFER = METHODS["ModelInfer"]
REQUEST = codec.infer_request("matrix", {"X": np.ones((1, 3))}).SerializeToString()


def test_calls_whose_message_does_not_come_are_ended(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there are workers: the next client waits as long as they may, and no longer."""
    monkeypatch.setattr(arrivals, "SECONDS", 0.5)
    monkeypatch.setattr(arrivals, "LOOK", 0.1)
    over = threading.Event()

    def nothing() -> Iterator[bytes]:
        over.wait(30)
        yield from ()

    with running(repository / "matrix", workers=4) as server, grpc.insecure_channel(server.address) as channel:
        unfinished = channel.stream_stream(INFER.path)
        calls = [unfinished(nothing(), timeout=30) for _ in range(12)]
        with Client(server.address, timeout=20) as client:
            assert client.run("matrix", np.ones((2, 3)))["predict"].shape == (2,)
        assert {call.code() for call in calls} == {grpc.StatusCode.CANCELLED}
        over.set()


def test_calls_that_arrive_faster_than_python_takes_them_are_not_cancelled(repository: Path) -> None:
    """grpcio's core would draw lots among more than 1,000."""
    with running(repository / "matrix", limit=5000) as server, grpc.insecure_channel(server.address) as channel:
        router: Any = server.transport._router  # type: ignore[attr-defined]
        infer = channel.unary_unary(INFER.path)
        lookup, release = router.service, threading.Event()
        router.service = lambda details: (release.wait(30), lookup(details))[1]
        calls = [infer.future(REQUEST, timeout=60) for _ in range(2500)]
        time.sleep(1)
        release.set()
        assert {call.code() for call in calls} == {grpc.StatusCode.OK}


def test_a_thread_that_cannot_be_had_leaves_the_work_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Calls(4, "few")
    assert pool.submit(int, "1").result(10) == 1

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    held = threading.Event()
    first = pool.submit(held.wait, 10)
    monkeypatch.setattr(threading.Thread, "start", start)
    second = pool.submit(int, "2")
    held.set()
    assert first.result(10)
    assert second.result(10) == 2
    pool.shutdown()
