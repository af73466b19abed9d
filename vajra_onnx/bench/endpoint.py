"""Over the wire: a bounded load on a server, at several numbers of requests in flight."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..client import Client
from ..errors import VajraError
from .statistics import Latency


@dataclass(frozen=True)
class Load:
    """One level of concurrency: latency of the answered requests, throughput in requests per second, and errors."""

    concurrency: int
    latency: Latency | None
    throughput: float
    errors: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "concurrency": self.concurrency,
            "latency": self.latency.to_dict() if self.latency else None,
            "throughput": self.throughput,
            "errors": self.errors,
        }


@dataclass
class _Series:
    seconds: list[float] = field(default_factory=list)
    errors: int = 0


def load(client: Client, model: str, data: Any, *, concurrencies: Sequence[int] = (1, 8), seconds: float = 3.0) -> list[Load]:
    """Ask `model` for `data` again and again, `concurrencies` requests in flight, `seconds` for each level."""
    client.run(model, data)  # fetches the schema, and fails here if the data does not fit
    return [_level(client, model, data, concurrency, seconds) for concurrency in concurrencies]


def _level(client: Client, model: str, data: Any, concurrency: int, seconds: float) -> Load:
    series = [_Series() for _ in range(concurrency)]
    deadline = time.perf_counter() + seconds
    threads = [threading.Thread(target=_ask, args=(client, model, data, deadline, s)) for s in series]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    answered = [s for one in series for s in one.seconds]
    errors = sum(one.errors for one in series)
    return Load(concurrency, Latency.of(answered) if answered else None, len(answered) / elapsed, errors)


def _ask(client: Client, model: str, data: Any, deadline: float, series: _Series) -> None:
    while (start := time.perf_counter()) < deadline:
        try:
            client.run(model, data)
        except VajraError:
            series.errors += 1
        else:
            series.seconds.append(time.perf_counter() - start)
