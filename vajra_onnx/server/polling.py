"""A look at something again and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Poller:
    """Calls `look` every `seconds` until it is stopped; an error is logged, and the next look comes all the same."""

    def __init__(self, look: Callable[[], None], seconds: float, what: str = "the repository") -> None:
        self._look, self._seconds, self._what = look, seconds, what
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="polling", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """No further look; one that is under way has `timeout` seconds to end."""
        self._stop.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self._look()
            except Exception:
                log.exception("%s could not be followed", self._what)
