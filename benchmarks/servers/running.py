"""A rival that runs: ready, its answers checked, and measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .h2load import Measured, load
from .models import expected
from .ports import free_port
from .process import UnavailableError
from .rivals import Rival

# A warm-up takes about this long, and says how many requests fill the seconds that are measured.
WARM_UP = 0.1


class Running:
    """The rival's server. ready: seconds from its start to its first right answer; UnavailableError when it gives none."""

    def __init__(self, rival: Rival, folder: Path, rows: np.ndarray) -> None:
        self.rival, self.name = rival, rival.name
        self._folder, self._lengths = folder, dict[str, int]()
        port = free_port()
        self._address = f"127.0.0.1:{port}"
        self.process = rival.start(folder, port)
        try:
            self.ready = self.process.wait(lambda: [rival.wire.ask(self._address, m, rows[:1]) for m in rival.models])
            for model in rival.models:
                self._check(model, rows)
            self.process.hold()
        except BaseException:
            self.process.end()
            raise

    def measure(self, model: str, in_flight: int, seconds: float) -> Measured:
        """One run of about so many seconds, after a warm-up; other servers are held."""
        self.process.resume()
        requests, warm = 2 * in_flight, self._load(model, in_flight, 2 * in_flight)
        while requests / warm.rate < WARM_UP:
            requests *= 4
            warm = self._load(model, in_flight, requests)
        run = self._load(model, in_flight, max(int(warm.rate * seconds), 4 * in_flight))
        self.process.hold()
        return run

    def _load(self, model: str, in_flight: int, requests: int) -> Measured:
        wire, body = self.rival.wire, self._body(model)
        return load(self.process, wire, wire.url(self._address, model), body, self._lengths[model], in_flight, requests)

    def _body(self, model: str) -> Path:
        return self._folder / f"{self.name} {model}.request"

    def _check(self, model: str, rows: np.ndarray) -> None:
        """The answers to 50 rows are those of a session in this process; the reply to one row is what h2load is to get."""
        wire, right = self.rival.wire, expected(self._folder, model, rows[:50])
        answers = wire.answers(wire.ask(self._address, model, rows[:50]))
        for name, values in right.items():
            got = answers.get(name)
            if got is None or not np.allclose(got.ravel(), values.ravel(), rtol=1e-5, atol=1e-6):
                raise UnavailableError(f"another {name} of {model} than a session's")
        self._body(model).write_bytes(wire.body(model, rows[:1]))
        self._lengths[model] = len(wire.ask(self._address, model, rows[:1]))
