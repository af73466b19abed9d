"""One log record for a call: every call where the level of this logger is INFO (`serve --log-requests`), else only those that
ended as nobody expected."""

from __future__ import annotations

import logging
import time
from typing import Any

from .access import named
from .caller import Caller
from .status import Code
from .tokens import Grant

log = logging.getLogger("vajra_onnx.requests")

ID = "x-request-id"


def note(path: str, request: Any, caller: Caller, grant: Grant, code: Code, start: float) -> None:
    """request: the message, or None where it could not be read. start: on `time.perf_counter`'s clock.

    The request's id is its own field `id`, or the metadata `x-request-id`.
    """
    level = logging.ERROR if code is Code.INTERNAL else logging.INFO
    if not log.isEnabledFor(level):
        return
    model, method = named(request), path.rpartition("/")[2]
    milliseconds = round(1000 * (time.perf_counter() - start), 3)
    identity = getattr(request, "id", "") or caller.metadata.get(ID, "")
    extra = {"request": _text(identity), "model": model, "code": code.name, "milliseconds": milliseconds, "caller": grant.name}
    log.log(level, "%s %s %s", method, model or "-", code.name, extra=extra)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
