"""What was counted natively, brought into the counts that statistics and metrics read."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from ...counts import Counts
from ...histogram import BOUNDS, Histogram

# As the native server takes them; the last bucket needs none.
NANOSECONDS = [round(1e9 * bound) for bound in BOUNDS[:-1]]


class Counting(Protocol):
    """`vajra_onnx_native.Handle`, as far as it counts."""

    def statistics(self) -> dict[str, int]: ...

    def histograms(self) -> list[list[int]]: ...


class Tally:
    """Each call of `bring` adds to `counts` what `native` has counted since the last time."""

    def __init__(self, native: Counting, counts: Counts) -> None:
        self._native, self._counts = native, counts
        self._numbers: dict[str, int] = {}
        self._histograms = [[0] * (len(BOUNDS) + 1)] * 3
        self._lock = threading.Lock()

    def bring(self) -> None:
        """Thread-safe; nothing is counted twice."""
        with self._lock:
            numbers, histograms = self._native.statistics(), self._native.histograms()
            more = {name: value - self._numbers.get(name, 0) for name, value in numbers.items()}
            request, queue, compute = map(_difference, histograms, self._histograms)
            self._numbers, self._histograms = numbers, histograms
        failures = Counter(
            {"RESOURCE_EXHAUSTED": more["exhausted"], "DEADLINE_EXCEEDED": more["expired"], "CANCELLED": more["cancelled"]}
        )
        self._counts.add(
            Counts(
                answered=sum(request.counts),
                rows=more["rows"],
                seconds=request.seconds,
                last=numbers["last_ms"] / 1e3,
                failures=+failures,
                failed_seconds=more["failed_ns"] / 1e9,
                executions=sum(compute.counts),
                queue_seconds=queue.seconds,
                compute_seconds=compute.seconds,
                pending=more["pending"],
                waiting=more["waiting"],
                request_histogram=request,
                queue_histogram=queue,
                compute_histogram=compute,
            )
        )


def _difference(now: Sequence[int], before: Sequence[int]) -> Histogram:
    """Buckets, and after the last the sum in nanoseconds."""
    *counts, nanoseconds = (a - b for a, b in zip(now, before, strict=True))
    return Histogram(counts, nanoseconds / 1e9)
