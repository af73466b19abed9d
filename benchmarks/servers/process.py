"""A server's processes: started on core 0, held while others are measured, counted together, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import grpc
import psutil

PATIENCE = 120.0


class UnavailableError(Exception):
    """A server that cannot be measured here, and why."""


class Process:
    """A running server with whatever processes it starts itself. variables: of its environment, beside this process's."""

    def __init__(self, command: Sequence[str], log: Path, variables: Mapping[str, str]) -> None:
        self._log = log
        with log.open("wb") as output:
            self._root = psutil.Popen(
                ["taskset", "-c", "0", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
                start_new_session=True,
            )
        self._started = time.perf_counter()

    def wait(self, ready: Callable[[], object]) -> float:
        """The seconds until `ready` no longer raises. Raises UnavailableError with the log's last line when it never does."""
        while True:
            try:
                ready()
            except (OSError, grpc.RpcError) as error:
                late = time.perf_counter() - self._started > PATIENCE
                if late or self._root.poll() is not None:
                    raise UnavailableError(self._last_words() or str(error)) from None
                time.sleep(0.01)
            else:
                return time.perf_counter() - self._started

    def said_ready(self) -> None:
        """Raises ConnectionError before this project's server has printed that it is."""
        if not any(line.startswith(b"ready on") for line in self._log.read_bytes().splitlines()):
            raise ConnectionError("not ready")

    def hold(self) -> None:
        """Take no CPU from another server."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on."""
        self._signal(signal.SIGCONT)

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self._alive())

    def memory(self) -> float:
        """Megabytes that are resident."""
        return sum(each.memory_info().rss for each in self._alive()) / 2**20

    def end(self) -> None:
        """Ask all of them to stop, and see to it."""
        self.resume()
        group = self._alive()
        self._signal(signal.SIGTERM)
        for each in psutil.wait_procs(group, timeout=5)[1]:
            each.kill()
        with suppress(ProcessLookupError):
            os.killpg(self._root.pid, signal.SIGKILL)
        self._root.wait(10)

    def _alive(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _signal(self, number: int) -> None:
        for each in self._alive():
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip()[:200] if lines else ""
