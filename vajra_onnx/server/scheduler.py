"""The queue before a model: how many executions at once, how many requests may wait and how long, and what goes together.

There is no thread of its own. A request that finds a free place becomes the leader of a batch: it takes what waits and fits,
runs it, hands out the answers, and hands its place on to the first that waits still. So a lone request pays nothing for
batching, and a batch is whatever was ready when the place became free.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
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


class _Entry:
    """A request in the queue. `wait` ends when it is called: it leads then, or `outcome` is there."""

    __slots__ = ("_called", "arrival", "job", "outcome", "wait")

    def __init__(self, job: Job, arrival: float) -> None:
        self.job, self.arrival = job, arrival
        self.outcome: Arrays | Exception | None = None
        # Called once, waited for by one: a lock does it at a fifth of the price of an Event, which is made of three.
        self._called = threading.Lock()
        self._called.acquire()
        self.wait = self._called.acquire

    def call(self, outcome: Arrays | Exception | None = None) -> None:
        """Once, by whoever took the entry out of the queue."""
        self.outcome = outcome
        self._called.release()


class Scheduler:
    """Executes the jobs of one model's many threads. together: whether rows of several requests may share an execution."""

    def __init__(self, run: Run, settings: Settings, counts: Counts, *, together: bool) -> None:
        self._run, self._settings, self._counts = run, settings, counts
        self._most = settings.max_batch_size if together else 1
        self._delay = settings.max_delay / 1000 if self._most > 1 else 0.0
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
        arrival = time.perf_counter()
        with self._lock:
            leads = self._running < self._settings.concurrency and not self._waiting and not self._collecting
            if leads:
                self._running += 1
            elif len(self._waiting) >= self._settings.queue_limit:
                raise RefusedError(Code.RESOURCE_EXHAUSTED, f"{len(self._waiting)} requests wait for the model already")
            else:
                entry = _Entry(job, arrival)
                self._waiting[entry] = None
                if self._collecting:
                    self._more.notify()
        if not leads:
            self._wait(entry, caller)
            return _answers(self._lead(entry) if entry.outcome is None else entry.outcome)
        if self._delay:
            return _answers(self._lead(_Entry(job, arrival)))
        return self._at_once(job, arrival)

    def _at_once(self, job: Job, arrival: float) -> Arrays:
        """A job that has found a free place and nobody waiting: nothing to collect, nobody to tell."""
        try:
            return self._run(job.feeds, job.wanted)
        finally:
            end = time.perf_counter()
            self._hand_on()
            self._counts.executed((0.0,), end - arrival)

    def _wait(self, entry: _Entry, caller: Caller) -> None:
        """Until the entry leads or has its outcome; its caller's end and the two limits of time take it out of the queue."""
        if not caller.on_end(lambda: self._leave(entry, lambda: _gone(caller))):
            self._leave(entry, lambda: _gone(caller))
        limits = []
        if caller.deadline is not None:
            limits.append((caller.deadline - time.monotonic(), Code.DEADLINE_EXCEEDED, "the deadline passed in the queue"))
        if self._settings.queue_timeout:
            text = f"no execution was free for {self._settings.queue_timeout:g} s"
            limits.append((self._settings.queue_timeout, Code.RESOURCE_EXHAUSTED, text))
        if not limits:
            entry.wait()
            return
        seconds, code, text = min(limits)
        if not entry.wait(timeout=min(max(0.0, seconds), LONGEST)):
            self._leave(entry, lambda: RefusedError(code, text))
            entry.wait()

    def _leave(self, entry: _Entry, why: Callable[[], RefusedError]) -> None:
        """Take an entry out of the queue; one that was taken into a batch already stays in it. Every call that has waited comes
        by at its end, so most find nothing to do."""
        if entry not in self._waiting:
            return
        with self._lock:
            if self._waiting.pop(entry, self) is self:
                return
        entry.call(why())

    def _lead(self, leader: _Entry) -> Arrays | Exception:
        """The leader's outcome; the others of its batch have been told theirs."""
        try:
            batch = self._collect(leader)
            outcomes = self._execute(batch)
        finally:
            self._hand_on()
        for entry, outcome in zip(batch[1:], outcomes[1:], strict=True):
            entry.call(outcome)
        return outcomes[0]

    def _collect(self, leader: _Entry) -> list[_Entry]:
        """The leader and those that wait behind it, in their order, as long as they fit and come together within the delay."""
        with self._lock:
            if self._delay:
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

    def _execute(self, batch: list[_Entry]) -> list[Arrays | Exception]:
        """The outcomes of a batch. When it fails, each is run alone: a request is told of its own rows only."""
        start = time.perf_counter()
        try:
            outcomes: list[Any] = list(execute(self._run, [entry.job for entry in batch]))
        except Exception as error:
            outcomes = [error] if len(batch) == 1 else [self._alone(entry) for entry in batch]
        end = time.perf_counter()
        self._counts.executed([start - entry.arrival for entry in batch], end - start)
        return outcomes

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
            first.call()
            if self._most > 1:
                return


def _answers(outcome: Arrays | Exception) -> Arrays:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _gone(caller: Caller) -> RefusedError:
    if caller.deadline is not None and time.monotonic() >= caller.deadline - NEAR:
        return RefusedError(Code.DEADLINE_EXCEEDED, "the deadline passed in the queue")
    return RefusedError(Code.CANCELLED, "the caller went away")
