"""In this process: `session.run` beside the original pipeline, interleaved, at several batch sizes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..frames.dict_rows import records
from ..frames.read import is_frame
from ..frames.unnamed import unnamed_texts
from ..runtime.session import Session
from .rows import batch, dict_row
from .statistics import Latency

ROUNDS = 15
# A round of either side takes about this long, so that one slow moment of the machine hits both.
ROUND_SECONDS = 0.03


@dataclass(frozen=True)
class Comparison:
    """One batch size: the latency of `session.run`, of the original's own calls, and how often the first fits in the second."""

    batch: int
    source: str
    session: Latency
    original: Latency | None

    @property
    def ratio(self) -> float | None:
        """Median of the original / median of the session."""
        return None if self.original is None else self.original.p50 / self.session.p50

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "batch": self.batch,
            "source": self.source,
            "session": self.session.to_dict(),
            "original": self.original.to_dict() if self.original else None,
            "ratio": self.ratio,
        }


def compare(
    session: Session, data: Any, original: Callable[[Any], Any] | None = None, batches: Sequence[int] = (1, 100, 1000)
) -> list[Comparison]:
    """Latency of `session.run` per batch size, and of `original(rows)`, given the same rows as a DataFrame, array or dicts.

    At batch 1 a model with named columns is also measured from a dict row, which is how a service calls it.
    """
    results = []
    for size in batches:
        rows = batch(data, size, session.schema)
        native = dicts_of(rows) if session.schema.takes_dicts else frame_of(rows)
        word = "array" if session.schema.is_matrix else "rows" if session.schema.takes_dicts else "frame"
        sources: list[tuple[str, Any]] = [(word, native)]
        if size == 1 and not session.schema.is_matrix:
            sources.insert(0, ("dict row", dict_row(rows)))
        for source, fed in sources:
            ours = partial(session.run, fed)
            theirs = None if original is None else partial(original, native)
            mine, other = interleave(ours, theirs)
            results.append(Comparison(size, source, Latency.of(mine), Latency.of(other) if other else None))
    return results


def frame_of(rows: Any) -> Any:
    """Rows as the original takes them: a list of dict rows becomes a pandas DataFrame; texts stay."""
    if not isinstance(rows, list) or unnamed_texts(rows) is not None:
        return rows
    import pandas

    return pandas.DataFrame(rows)


def dicts_of(rows: Any) -> Any:
    """Rows as an original takes them that is given dicts."""
    return records(rows) if is_frame(rows) else rows


def interleave(first: Callable[[], Any], second: Callable[[], Any] | None) -> tuple[list[float], list[float]]:
    """The seconds of each call of both, in turn, for a bounded time."""
    counts = [_calls(f) for f in (first, second) if f is not None]
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for function, count, series in zip((first, second), counts, seconds, strict=False):
            assert function is not None
            for _ in range(count):
                start = time.perf_counter()
                function()
                series.append(time.perf_counter() - start)
    return seconds


def _calls(function: Callable[[], Any]) -> int:
    """How many calls fill one round, after a warm-up."""
    function()
    start = time.perf_counter()
    function()
    return max(1, int(ROUND_SECONDS / max(time.perf_counter() - start, 1e-7)))
