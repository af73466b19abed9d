"""Several requests in one execution: rows are put together, and every request gets its own rows back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Arrays = dict[str, np.ndarray]
# `Session.run_feeds`.
Run = Callable[[Arrays, Sequence[str] | None], Arrays]


@dataclass(slots=True)  # not frozen: that would take longer to make than to use
class Job:
    """What a request wants of a model. wanted: the outputs' names; None for all. rows: of each of the feeds."""

    feeds: Arrays
    wanted: Sequence[str] | None
    rows: int

    def fits(self, other: Job) -> bool:
        """Whether the two can share an execution: dimensions that the schema leaves open have to be equal."""
        return all(array.shape[1:] == other.feeds[name].shape[1:] for name, array in self.feeds.items())


def execute(run: Run, jobs: Sequence[Job]) -> list[Arrays]:
    """The answers of each job, from one execution. What `run` raises concerns them all."""
    if len(jobs) == 1:
        return [run(jobs[0].feeds, jobs[0].wanted)]
    feeds = {name: np.concatenate([job.feeds[name] for job in jobs]) for name in jobs[0].feeds}
    answers = run(feeds, _all_wanted(jobs))
    ends = np.cumsum([job.rows for job in jobs]).tolist()
    for name, array in answers.items():
        if len(array) != ends[-1]:
            raise ValueError(f"{name}: {len(array)} answers for {ends[-1]} rows")
    return [_part(answers, job, end - job.rows, end) for job, end in zip(jobs, ends, strict=True)]


def _all_wanted(jobs: Sequence[Job]) -> list[str] | None:
    wanted: dict[str, None] = {}
    for job in jobs:
        if job.wanted is None:
            return None
        wanted |= dict.fromkeys(job.wanted)
    return list(wanted)


def _part(answers: Mapping[str, np.ndarray], job: Job, start: int, end: int) -> Arrays:
    return {name: answers[name][start:end] for name in (answers if job.wanted is None else job.wanted)}
