"""The queue before a model: answers never mix, and a request that must not wait does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from vajra_onnx.errors import InputError
from vajra_onnx.server.batches import Job
from vajra_onnx.server.caller import NOBODY, Caller
from vajra_onnx.server.counts import Counts
from vajra_onnx.server.scheduler import Scheduler
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.status import Code, RefusedError

Arrays = dict[str, np.ndarray]


class Model:
    """Answers x + 1 and the text of x; remembers how many rows each execution had. Held until `go` is set."""

    def __init__(self, held: bool = False) -> None:
        self.go = threading.Event()
        self.sizes: list[int] = []
        self.at_once = self.most_at_once = 0
        if not held:
            self.go.set()

    def __call__(self, feeds: Arrays, wanted: Sequence[str] | None) -> Arrays:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go.wait(30)
        x = feeds["x"]
        self.sizes.append(len(x))
        self.at_once -= 1
        if (x < 0).any():
            raise InputError(f"negative in row {int(np.argmax(x[:, 0] < 0))} of {len(x)}")
        answers = {"sum": x + 1, "text": x[:, 0].astype(str).astype(object)}
        return {name: answers[name] for name in (answers if wanted is None else wanted)}


def job(*numbers: float, wanted: Sequence[str] | None = None, width: int = 1) -> Job:
    return Job({"x": np.repeat(np.array(numbers, dtype=np.float64)[:, None], width, axis=1)}, wanted, len(numbers))


def scheduler(model: Callable[..., Arrays], *, together: bool = True, **settings: Any) -> Scheduler:
    return Scheduler(model, Settings(**{"concurrency": 1, **settings}), Counts(), together=together)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


class Crowd:
    """Jobs on a scheduler, each in its thread; the first is executing while the model is held, the others wait in their order."""

    def __init__(self, queue: Scheduler, model: Model) -> None:
        self.queue, self.model, self.pool = queue, model, ThreadPoolExecutor(64)

    def ask(self, one: Job, caller: Caller = NOBODY) -> Future[Arrays]:
        waiting, at_once = self.queue.waiting, self.model.at_once
        future = self.pool.submit(self.queue, one, caller)
        until(lambda: self.queue.waiting > waiting or self.model.at_once > at_once or future.done())
        return future


def code(future: Future[Arrays]) -> Code:
    error = future.exception(timeout=20)
    assert isinstance(error, RefusedError)
    return error.code


def test_what_is_ready_goes_together_and_comes_back_apart() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, max_batch_size=6), model)
    sizes = [1, 2, 3, 1, 1, 4, 9, 1]
    futures = [crowd.ask(job(*(100 * i + k for k in range(size)))) for i, size in enumerate(sizes)]
    model.go.set()
    for i, (size, future) in enumerate(zip(sizes, futures, strict=True)):
        numbers = np.array([100 * i + k for k in range(size)], dtype=np.float64)
        np.testing.assert_array_equal(future.result(20)["sum"], numbers[:, None] + 1, strict=True)
        assert future.result()["text"].tolist() == [str(x) for x in numbers]
    assert model.sizes == [1, 6, 1 + 4, 9, 1]  # in order; a request larger than a batch goes alone


def test_each_gets_the_outputs_that_it_wants() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model), model)
    crowd.ask(job(0))
    futures = [crowd.ask(job(i, wanted=wanted)) for i, wanted in enumerate([["text"], ["sum", "text"], None, ["sum"]])]
    model.go.set()
    assert [list(f.result(20)) for f in futures] == [["text"], ["sum", "text"], ["sum", "text"], ["sum"]]
    assert len(model.sizes) == 2


@pytest.mark.parametrize(("together", "width", "executions"), [(False, 1, 4), (True, 1, 2), (True, 2, 4)])
def test_only_what_may_share_an_execution_does(together: bool, width: int, executions: int) -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, together=together), model)
    futures = [crowd.ask(job(i, width=width if i % 2 else 1)) for i in range(4)]
    model.go.set()
    assert [f.result(20)["sum"][0, 0] for f in futures] == [1, 2, 3, 4]
    assert len(model.sizes) == executions


def test_a_refused_row_is_told_to_its_own_request_only() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model), model)
    crowd.ask(job(0))
    futures = [crowd.ask(job(*numbers)) for numbers in [(1, 2), (3, -1), (4,)]]
    model.go.set()
    with pytest.raises(InputError, match="negative in row 1 of 2"):
        futures[1].result(20)
    assert futures[0].result(20)["sum"].ravel().tolist() == [2, 3]
    assert futures[2].result(20)["sum"].ravel().tolist() == [5]


def test_a_full_queue_refuses_at_once_and_others_are_answered() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, queue_limit=3), model)
    futures = [crowd.ask(job(i)) for i in range(4)]
    late = crowd.ask(job(9))
    assert late.done()
    assert code(late) is Code.RESOURCE_EXHAUSTED
    model.go.set()
    assert [f.result(20)["sum"][0, 0] for f in futures] == [1, 2, 3, 4]


def test_no_queue_at_all() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, queue_limit=0), model)
    first = crowd.ask(job(1))
    assert code(crowd.ask(job(2))) is Code.RESOURCE_EXHAUSTED
    model.go.set()
    assert first.result(20)["sum"][0, 0] == 2


def test_deadlines_timeouts_and_cancelled_callers_leave_the_queue() -> None:
    model, ends = Model(held=True), []
    queue = scheduler(model, max_batch_size=1)
    crowd = Crowd(queue, model)
    first = crowd.ask(job(0))
    cancelled = crowd.ask(job(1), Caller(on_end=lambda end: ends.append(end) or True))
    patient = crowd.ask(job(2))
    assert code(crowd.pool.submit(queue, job(3), Caller(deadline=time.monotonic() + 0.05))) is Code.DEADLINE_EXCEEDED
    assert code(crowd.pool.submit(queue, job(4), Caller(on_end=lambda end: False))) is Code.CANCELLED
    ends[0]()
    assert code(cancelled) is Code.CANCELLED
    assert queue.waiting == 1
    model.go.set()
    assert [f.result(20)["sum"][0, 0] for f in (first, patient)] == [1, 3]
    assert model.sizes == [1, 1]


def test_a_deadline_beyond_all_clocks_is_none() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model), model)
    futures = [crowd.ask(job(0)), crowd.ask(job(1), Caller(deadline=time.monotonic() + 2.0**33)), crowd.ask(job(2))]
    model.go.set()
    assert [f.result(20)["sum"][0, 0] for f in futures] == [1, 2, 3]


def test_a_wait_that_is_too_long_is_refused() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, queue_timeout=0.05), model)
    first = crowd.ask(job(0))
    assert code(crowd.ask(job(1))) is Code.RESOURCE_EXHAUSTED
    model.go.set()
    first.result(20)


def test_executions_at_once_are_limited_and_used() -> None:
    model = Model(held=True)
    crowd = Crowd(scheduler(model, concurrency=3, max_batch_size=1), model)
    futures = [crowd.ask(job(i)) for i in range(9)]
    model.go.set()
    assert [f.result(20)["sum"][0, 0] for f in futures] == list(range(1, 10))
    assert model.most_at_once == 3


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_delay_collects_until_the_batch_is_full(concurrency: int) -> None:
    model = Model()
    queue = scheduler(model, max_delay=20_000, max_batch_size=8, concurrency=concurrency)
    start = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(queue, [job(i) for i in range(8)]))
    assert time.perf_counter() - start < 10
    assert model.sizes == [8]
    assert [a["sum"][0, 0] for a in answers] == list(range(1, 9))


def test_a_delay_ends() -> None:
    model = Model()
    assert scheduler(model, max_delay=30)(job(1))["sum"][0, 0] == 2


@pytest.mark.parametrize("settings", [{}, {"concurrency": 3}, {"max_delay": 0.5}, {"max_batch_size": 7, "concurrency": 2}])
def test_thousands_of_distinct_requests_never_mix(settings: dict[str, Any]) -> None:
    model = Model()
    queue = scheduler(model, **settings)
    random = np.random.default_rng(0)
    sizes = random.integers(1, 12, 3000)

    def ask(i: int) -> None:
        numbers = i * 100 + np.arange(sizes[i], dtype=np.float64)
        if i % 97 == 0:
            numbers[-1] = -i - 1
            with pytest.raises(InputError, match=f"of {sizes[i]}$"):
                queue(job(*numbers))
            return
        answers = queue(job(*numbers, wanted=["sum"] if i % 2 else None))
        np.testing.assert_array_equal(answers["sum"][:, 0], numbers + 1)
        assert i % 2 or answers["text"].tolist() == [str(x) for x in numbers]

    with ThreadPoolExecutor(48) as pool:
        list(pool.map(ask, range(len(sizes))))
    assert queue.waiting == 0
