"""What a transport is: it carries calls to the service, and ends without losing one."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol


class Transport(Protocol):
    """Bound and answering from the moment it is made. A transport that runs models itself is a ModelListener too."""

    @property
    def port(self) -> int:
        """Where it listens."""

    def refuse(self) -> None:
        """New inference calls are refused from now on, with UNAVAILABLE."""

    def drain(self, told: Future[None], grace: float) -> bool:
        """Finish what was accepted and the telling of `told`, stop; False when `grace`, in seconds, ran out."""

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
