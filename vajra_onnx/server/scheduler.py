"""The queue before a model: how many executions at once, how many requests may wait and how long, and what goes together.

There is no thread of its own. A request that finds a free place becomes the leader of a batch: it takes what waits and fits,
runs it, hands out the answers, and hands its place on to the first that waits still. So a lone request pays nothing for
batching, and a batch is whatever was ready when the place became free.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .batches import Arrays, Job, Run, execute
from .caller import NOBODY, Caller
from .counts import Counts
from .settings import Settings
from .status import Code, RefusedError

# A client whose deadline passes cancels its call, and its clock started before the request had arrived here.
NEAR = 0.1
# No wait is longer, ten years: what grpcio calls the deadline of a call that has none is more than the system's clocks can hold.
LONGEST = 10 * 365 * 86400.0


@dataclass(eq=False)
class _Entry:
    """A request in the queue. called: it leads, or `outcome` is there."""

    job: Job
    arrival: float
    called: threading.Event = field(default_factory=threading.Event)
    outcome: Arrays | Exception | None = None

    def end(self, outcome: Arrays | Exception) -> None:
        self.outcome = outcome
        self.called.set()


class Scheduler:
    """Executes the jobs of one model's many threads. together: whether rows of several requests may share an execution."""

    def __init__(self, run: Run, settings: Settings, counts: Counts, *, together: bool) -> None:
        self._run, self._settings, self._counts = run, settings, counts
        self._most = settings.max_batch_size if together else 1
        self._delay = settings.max_delay / 1000
        self._lock = threading.Lock()
        self._more = threading.Condition(self._lock)
        self._waiting: dict[_Entry, None] = {}
        self._running = 0  # places taken: executions, and leaders that collect or were called
        self._collecting = False

    @property
    def waiting(self) -> int:
        """Requests that no execution has taken yet."""
        return len(self._waiting)

    def __call__(self, job: Job, caller: Caller = NOBODY) -> Arrays:
        """The job's answers, in the caller's own thread.

        Raises what the model raises for this job, and RefusedError: RESOURCE_EXHAUSTED when the queue is full or the time in
        it is over, DEADLINE_EXCEEDED and CANCELLED when the caller's deadline passes or it goes away while the job waits.
        """
        entry = _Entry(job, time.perf_counter())
        with self._lock:
            leads = self._running < self._settings.concurrency and not self._waiting and not self._collecting
            if leads:
                self._running += 1
            elif len(self._waiting) >= self._settings.queue_limit:
                raise RefusedError(Code.RESOURCE_EXHAUSTED, f"{len(self._waiting)} requests wait for the model already")
            else:
                self._waiting[entry] = None
                self._more.notify()
        if not leads:
            self._wait(entry, caller)
        if entry.outcome is None:
            self._lead(entry)
        if isinstance(entry.outcome, Exception):
            raise entry.outcome
        assert entry.outcome is not None
        return entry.outcome

    def _wait(self, entry: _Entry, caller: Caller) -> None:
        """Until the entry leads or has its outcome; its caller's end and the two limits of time take it out of the queue."""
        if not caller.on_end(lambda: self._leave(entry, _gone(caller))):
            self._leave(entry, _gone(caller))
        limits = []
        if caller.deadline is not None:
            limits.append((caller.deadline - time.monotonic(), Code.DEADLINE_EXCEEDED, "the deadline passed in the queue"))
        if self._settings.queue_timeout:
            text = f"no execution was free for {self._settings.queue_timeout:g} s"
            limits.append((self._settings.queue_timeout, Code.RESOURCE_EXHAUSTED, text))
        if not limits:
            entry.called.wait()
            return
        seconds, code, text = min(limits)
        if not entry.called.wait(min(max(0.0, seconds), LONGEST)):
            self._leave(entry, RefusedError(code, text))
            entry.called.wait()

    def _leave(self, entry: _Entry, error: RefusedError) -> None:
        """Take an entry out of the queue; one that was taken into a batch already stays in it."""
        with self._lock:
            if self._waiting.pop(entry, self) is self:
                return
        entry.end(error)

    def _lead(self, leader: _Entry) -> None:
        try:
            batch = self._collect(leader)
            self._execute(batch)
        finally:
            self._hand_on()

    def _collect(self, leader: _Entry) -> list[_Entry]:
        """The leader and those that wait behind it, in their order, as long as they fit and come together within the delay."""
        with self._lock:
            if self._delay and self._most > 1:
                self._collecting = True
                end = leader.arrival + self._delay
                while self._rows(leader) < self._most and (left := end - time.perf_counter()) > 0:
                    self._more.wait(left)
                self._collecting = False
            batch, rows = [leader], leader.job.rows
            for entry in self._waiting:
                rows += entry.job.rows
                if rows > self._most or not entry.job.fits(leader.job):
                    break
                batch.append(entry)
            for entry in batch[1:]:
                del self._waiting[entry]
            self._call_next()
        return batch

    def _rows(self, leader: _Entry) -> int:
        return leader.job.rows + sum(entry.job.rows for entry in self._waiting)

    def _execute(self, batch: list[_Entry]) -> None:
        """Run a batch. When it fails, each is run alone: a request is told of its own rows only."""
        start = time.perf_counter()
        try:
            outcomes: list[Any] = list(execute(self._run, [entry.job for entry in batch]))
        except Exception as error:
            outcomes = [error] if len(batch) == 1 else [self._alone(entry) for entry in batch]
        end = time.perf_counter()
        self._counts.executed([start - entry.arrival for entry in batch], end - start)
        for entry, outcome in zip(batch, outcomes, strict=True):
            entry.end(outcome)

    def _alone(self, entry: _Entry) -> Arrays | Exception:
        try:
            return execute(self._run, [entry.job])[0]
        except Exception as error:
            return error

    def _hand_on(self) -> None:
        with self._lock:
            self._running -= 1
            self._call_next()

    def _call_next(self) -> None:
        """Give free places to those that wait longest; with the lock held. One that takes others along looks for them first."""
        while self._waiting and self._running < self._settings.concurrency and not self._collecting:
            first = next(iter(self._waiting))
            del self._waiting[first]
            self._running += 1
            first.called.set()
            if self._most > 1:
                return


def _gone(caller: Caller) -> RefusedError:
    if caller.deadline is not None and time.monotonic() >= caller.deadline - NEAR:
        return RefusedError(Code.DEADLINE_EXCEEDED, "the deadline passed in the queue")
    return RefusedError(Code.CANCELLED, "the caller went away")
