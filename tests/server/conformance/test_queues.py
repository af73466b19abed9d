"""The queue before a model that is busy: what is refused, what leaves it, and what is answered all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from slow import steps_of

from vajra_onnx.server import Server
from vajra_onnx.server.config import Config
from vajra_onnx.server.settings import Settings
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

INFER = METHODS["ModelInfer"]
CODE = grpc.StatusCode
LONG = 1.5  # seconds at least; a few steps are over at once


@contextmanager
def busy(repository: Path, transport: str, **settings: Any) -> Iterator[tuple[Callable[[int], None], Callable[..., grpc.Future]]]:
    """A server of `slow`, one execution at a time, which is at work. Waits until so many requests are pending; asks."""
    server = Server(transport=transport)
    try:
        server.open(repository, Config(Settings(concurrency=1, **settings))).load_all()
        server.announce()
        model = server.models.find("slow", "")[0]
        with grpc.insecure_channel(server.address) as channel:
            infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)

            def ask(steps: int, timeout: float = 60) -> grpc.Future:
                return infer.future(codec.infer_request("slow", {"steps": np.array([[steps]])}), timeout=timeout)

            def pending(count: int) -> None:
                end = time.monotonic() + 20
                while model.counts.now().pending != count:
                    assert time.monotonic() < end
                    time.sleep(0.01)

            first = ask(steps_of(LONG))
            pending(1)
            yield pending, ask
            assert first.code() is CODE.OK
    finally:
        server.stop()


def test_a_full_queue_refuses_at_once(slow_repository: Path, transport: str) -> None:
    with busy(slow_repository, transport, queue_limit=3) as (pending, ask):
        waiting = [ask(n) for n in (1, 2, 3)]
        pending(4)
        refused = ask(4)
        assert (refused.code(), refused.details()) == (CODE.RESOURCE_EXHAUSTED, "3 requests wait for the model already")
        assert not any(call.done() for call in waiting)
        assert [codec.read_outputs(call.result())["done"].item() for call in waiting] == [1, 2, 3]


def test_a_deadline_and_a_cancellation_make_room_in_the_queue(slow_repository: Path, transport: str) -> None:
    with busy(slow_repository, transport, queue_limit=2) as (pending, ask):
        late, cancelled = ask(1, timeout=0.5), ask(2)
        assert late.code() is CODE.DEADLINE_EXCEEDED
        cancelled.cancel()
        pending(1)
        assert codec.read_outputs(ask(3).result())["done"].item() == 3


def test_a_request_that_waits_too_long_is_refused(slow_repository: Path, transport: str) -> None:
    with busy(slow_repository, transport, queue_timeout=0.2) as (_, ask):
        refused = ask(1)
        assert (refused.code(), refused.details()) == (CODE.RESOURCE_EXHAUSTED, "no execution was free for 0.2 s")
