"""Files that change while the server runs: certificates are renewed and tokens withdrawn without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from ..errors import ServerError

log = logging.getLogger(__name__)

Value = TypeVar("Value")
Stamp = tuple[tuple[int, int, int], ...]

# How often the files are looked at, at most: a look costs some microseconds, and every call asks.
SECONDS = 1.0


class Watched(Generic[Value]):
    """What some files say now.

    read: makes the value of their contents, and raises ValueError for contents that make none. New contents that cannot be
    read are logged and the old value stays: a half-written file must not open or close the door. Raises ServerError when
    there is no good value to begin with.
    """

    def __init__(self, paths: Sequence[str | Path], read: Callable[[list[bytes]], Value]) -> None:
        self._paths, self._read = [Path(path) for path in paths], read
        self._lock = threading.Lock()
        self.changes = 0  # good values after the first
        self._looked = time.monotonic()
        self._stamp = self._look()
        try:
            self._value = self._load()
        except (OSError, ValueError) as error:
            raise ServerError(_text(error), where=self._names()) from None

    def get(self) -> Value:
        """The newest good value, no older than a second."""
        if time.monotonic() - self._looked >= SECONDS and self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        return self._value

    def look(self) -> int:
        """Look now, for those who remember what followed from the value: they forget it when `changes` is another."""
        with self._lock:
            self._renew()
        return self.changes

    def _renew(self) -> None:
        self._looked = time.monotonic()
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._value = self._load()
        except (OSError, ValueError) as error:
            log.error("%s changed and cannot be used, the old contents stay: %s", self._names(), _text(error))
        else:
            self.changes += 1  # after the value: what is decided by an old value never has the new number
            log.info("%s changed and was read again", self._names())

    def _load(self) -> Value:
        return self._read([path.read_bytes() for path in self._paths])

    def _look(self) -> Stamp:
        return tuple(_stamp(path) for path in self._paths)

    def _names(self) -> str:
        return ", ".join(map(str, self._paths))


def _stamp(path: Path) -> tuple[int, int, int]:
    """Kubernetes swaps a link, editors write a new file: both show in the inode, the rest in time and size."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _text(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot read {error.filename}: {error.strerror}"
    return str(error)
