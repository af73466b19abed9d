"""Who asks: what a transport knows of a call besides its message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _never(callback: Callable[[], None]) -> bool:
    return True


@dataclass(slots=True)  # not frozen: one is made for every call, and that takes three times longer
class Caller:
    """metadata: the call's headers, keys in lower case. deadline: on `time.monotonic`'s clock; None for no deadline.

    on_end: registers a function that is called when the caller goes away or the deadline passes (perhaps later too, when the
    call is over); False, without a call, when that has happened already. It may forget the function registered before.
    """

    metadata: Mapping[str, str | bytes] = field(default_factory=dict)
    deadline: float | None = None
    on_end: Callable[[Callable[[], None]], bool] = _never


NOBODY = Caller()
