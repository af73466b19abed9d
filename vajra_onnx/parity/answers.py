"""The graph's answers on a batch, whole and row by row, and the rows that it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..schema import Column
from .rows import Rows


class Runs(Protocol):
    """A session: anything that runs feeds."""

    def run_feeds(self, feeds: dict[str, np.ndarray], /) -> Mapping[str, np.ndarray]: ...


@dataclass(frozen=True)
class Graph:
    """A session and the columns that it is fed."""

    session: Runs
    columns: Sequence[Column]

    def run(self, rows: Rows) -> dict[str, np.ndarray]:
        """The outputs by name; raises what the schema or the graph raises."""
        return {name: np.asarray(array) for name, array in self.session.run_feeds(rows.feeds(self.columns)).items()}

    def answer(self, rows: Rows) -> tuple[np.ndarray, dict[str, np.ndarray], dict[int, str]]:
        """The places of the rows that are answered, their answers, and the messages for those that are refused."""
        pieces: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        refused: dict[int, str] = {}
        queue = [np.arange(len(rows))] if len(rows) else []
        while queue:
            part = queue.pop(0)
            try:
                pieces.append((part, self.run(rows.take(part))))
            except Exception as error:  # an InputError as a rule, but a crash of the runtime is a refusal as well
                if len(part) == 1:
                    refused[int(part[0])] = str(error)
                else:
                    queue += [part[: len(part) // 2], part[len(part) // 2 :]]
        if not pieces:
            return np.empty(0, np.int64), {}, refused
        index = np.concatenate([part for part, _ in pieces])
        order = np.argsort(index)
        outputs = {name: np.concatenate([o[name] for _, o in pieces])[order] for name in pieces[0][1]}
        return index[order], outputs, refused

    def one_by_one(self, rows: Rows) -> tuple[np.ndarray, dict[str, np.ndarray], dict[int, str]]:
        """Like `answer`, every row at batch 1."""
        parts = [self.answer(rows.take(np.array([i]))) for i in range(len(rows))]
        index = np.array([i for i, (places, _, _) in enumerate(parts) if len(places)], np.int64)
        refused = {i: messages[0] for i, (_, _, messages) in enumerate(parts) if messages}
        outputs = {name: np.concatenate([parts[i][1][name] for i in index]) for name in parts[index[0]][1]} if len(index) else {}
        return index, outputs, refused
