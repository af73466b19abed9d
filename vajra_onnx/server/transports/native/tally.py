"""What was counted natively, brought into the counts that statistics and metrics read."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping

from ...counts import Counts


class Tally:
    """Each call of `bring` adds to `counts` what `read` shows beyond the last time."""

    def __init__(self, read: Callable[[], Mapping[str, int]], counts: Counts) -> None:
        self._read, self._counts = read, counts
        self._seen: Mapping[str, int] = {}
        self._lock = threading.Lock()

    def bring(self) -> None:
        """Thread-safe; nothing is counted twice."""
        with self._lock:
            now = self._read()
            more = {name: value - self._seen.get(name, 0) for name, value in now.items()}
            self._seen = now
        failures = Counter(
            {"RESOURCE_EXHAUSTED": more["exhausted"], "DEADLINE_EXCEEDED": more["expired"], "CANCELLED": more["cancelled"]}
        )
        self._counts.add(
            Counts(
                answered=more["answered"],
                rows=more["rows"],
                seconds=more["total_ns"] / 1e9,
                last=now["last_ms"] / 1e3,
                failures=+failures,
                executions=more["executions"],
                queue_seconds=more["queue_ns"] / 1e9,
                compute_seconds=more["compute_ns"] / 1e9,
                pending=more["pending"],
            )
        )
