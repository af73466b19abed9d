"""Latencies to percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Latency:
    """Percentiles of one series of calls, in microseconds."""

    calls: int
    p50: float
    p90: float
    p99: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Latency:
        """From the seconds that each call took. At least one call."""
        p50, p90, p99 = (float(p) for p in np.percentile(np.asarray(seconds) * 1e6, [50, 90, 99]))
        return Latency(len(seconds), p50, p90, p99)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return asdict(self)
