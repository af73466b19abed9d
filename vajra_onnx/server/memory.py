"""Memory that goes back to the system when a model goes."""

from __future__ import annotations

import ctypes
import threading
import weakref

from ..runtime.session import Session

# The session's own memory is freed just after its finalizer has run.
AFTER = 0.2


def give_back_after(session: Session) -> None:
    """When the last request has let go of the session, what the C library keeps of its memory is returned."""
    weakref.finalize(session, _later).atexit = False


def _later() -> None:
    timer = threading.Timer(AFTER, _trim)
    timer.daemon = True
    timer.start()


def _trim() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others give back by themselves
    if trim is not None:
        trim(0)
