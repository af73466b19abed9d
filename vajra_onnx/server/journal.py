"""One log record for a call: every call where the level of this logger is INFO (`serve --log-requests`), else only those that
ended as nobody expected."""

from __future__ import annotations

import logging
import time
from typing import Any, NamedTuple

from .access import named
from .caller import Caller
from .status import Code
from .tokens import Grant

log = logging.getLogger("vajra_onnx.requests")

ID = "x-request-id"


class Entry(NamedTuple):
    """A call that has ended. identity: the request's own field `id`, or the metadata `x-request-id`. caller: a token's name.
    ended: seconds since the epoch."""

    method: str
    model: str
    code: Code
    seconds: float
    identity: str
    caller: str
    ended: float


def wants_all() -> bool:
    """Whether every call is to be noted."""
    return log.isEnabledFor(logging.INFO)


def note(path: str, request: Any, caller: Caller, grant: Grant, code: Code, start: float) -> None:
    """request: the message, or None where it could not be read. start: on `time.perf_counter`'s clock."""
    if not log.isEnabledFor(_level(code)):
        return
    identity = _text(getattr(request, "id", "") or caller.metadata.get(ID, ""))
    seconds = time.perf_counter() - start
    write(Entry(path.rpartition("/")[2], named(request), code, seconds, identity, grant.name, time.time()))


def write(entry: Entry) -> None:
    """The record of a call; its time is the call's, which may lie back a little."""
    level, text = _level(entry.code), (entry.method, entry.model or "-", entry.code.name)
    extra = {
        "request": entry.identity,
        "model": entry.model,
        "code": entry.code.name,
        "milliseconds": round(1000 * entry.seconds, 3),
        "caller": entry.caller,
    }
    record = log.makeRecord(log.name, level, __file__, 0, "%s %s %s", text, None, extra=extra)
    record.created, record.msecs = entry.ended, entry.ended % 1 * 1000
    log.handle(record)


def _level(code: Code) -> int:
    return logging.ERROR if code is Code.INTERNAL else logging.INFO


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
