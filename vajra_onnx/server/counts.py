"""What a model has done since it was loaded, for statistics and metrics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .histogram import Histogram
from .status import Code


@dataclass
class Counts:
    """Requests answered, their rows and seconds, failures by status code; executions with the seconds that they took, and the
    seconds that their requests waited for them; pending: requests that are being worked on or wait. waiting: those of them that
    wait in a transport's own queue."""

    answered: int = 0
    rows: int = 0
    seconds: float = 0.0
    last: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    failed_seconds: float = 0.0
    executions: int = 0
    queue_seconds: float = 0.0
    compute_seconds: float = 0.0
    pending: int = 0
    waiting: int = 0
    request_histogram: Histogram = field(default_factory=Histogram)
    queue_histogram: Histogram = field(default_factory=Histogram)
    compute_histogram: Histogram = field(default_factory=Histogram)
    _sources: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, bring: Callable[[], None]) -> None:
        """Before these counts are looked at, `bring` adds (see `add`) what a transport has counted by itself."""
        self._sources.append(bring)

    def now(self) -> Counts:
        """These counts, with everything that was counted elsewhere until now."""
        for bring in self._sources:
            bring()
        return self

    def add(self, more: Counts) -> None:
        """Count everything that `more` has counted too; `pending` and `waiting` may become less."""
        with self._lock:
            self.answered += more.answered
            self.rows += more.rows
            self.seconds += more.seconds
            self.last = max(self.last, more.last)
            self.failures += more.failures
            self.failed_seconds += more.failed_seconds
            self.executions += more.executions
            self.queue_seconds += more.queue_seconds
            self.compute_seconds += more.compute_seconds
            self.pending += more.pending
            self.waiting += more.waiting
            self.request_histogram.merge(more.request_histogram)
            self.queue_histogram.merge(more.queue_histogram)
            self.compute_histogram.merge(more.compute_histogram)

    def begin(self) -> float:
        """A request begins: it is pending until it is a success or a failure, which are told this moment."""
        with self._lock:
            self.pending += 1
        return time.perf_counter()

    def success(self, rows: int, begun: float) -> None:
        """One request answered."""
        seconds = time.perf_counter() - begun
        with self._lock:
            self.pending -= 1
            self.answered += 1
            self.rows += rows
            self.seconds += seconds
            self.last = time.time()
            self.request_histogram.add(seconds)

    def failure(self, code: Code, begun: float) -> None:
        """One request refused or failed."""
        seconds = time.perf_counter() - begun
        with self._lock:
            self.pending -= 1
            self.failures[code.name] += 1
            self.failed_seconds += seconds

    def executed(self, queued: Sequence[float], compute: float) -> None:
        """One execution: the seconds that each of its requests had waited, and its own."""
        with self._lock:
            self.executions += 1
            self.queue_seconds += sum(queued)
            self.compute_seconds += compute
            self.compute_histogram.add(compute)
            for seconds in queued:
                self.queue_histogram.add(seconds)

    def failed(self) -> dict[str, int]:
        """Failures by status code, at one moment."""
        with self._lock:
            return dict(self.failures)
