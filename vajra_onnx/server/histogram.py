"""A histogram of durations, cheap enough for every request; `metrics` writes it out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

# Seconds: from a small model's 20 us to a client's patience; the last is +Inf.
BOUNDS = (2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, float("inf"))


class Histogram:
    """Not locked: its owner's lock is held already where durations are counted."""

    def __init__(self, counts: Sequence[int] = (0,) * len(BOUNDS), seconds: float = 0.0) -> None:
        self.counts, self.seconds = list(counts), seconds

    def add(self, seconds: float) -> None:
        """One duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def merge(self, more: Histogram) -> None:
        """All durations of another."""
        self.counts = [mine + other for mine, other in zip(self.counts, more.counts, strict=True)]
        self.seconds += more.seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Prometheus's buckets: an upper bound as it is written, and how many were not above it."""
        buckets, below = [], 0
        for bound, count in zip(BOUNDS, self.counts, strict=True):
            below += count
            buckets.append(("+Inf" if bound == float("inf") else f"{bound:g}", float(below)))
        return buckets
