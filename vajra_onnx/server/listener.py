"""What a transport that runs models itself is told: which versions are ready, and which go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ..runtime.session import Session

if TYPE_CHECKING:
    from .models import Model


@runtime_checkable
class ModelListener(Protocol):
    """Called from the thread that loads models, one call at a time."""

    def limit_memory(self, megabytes: int) -> None:
        """Bound the executions of all models that will come, together. What would need more is left to the service."""

    def add(self, model: Model, session: Session, data: bytes) -> None:
        """A version is about to take traffic: loaded, warmed up, its golden vectors replayed.

        model: its name, version, settings and counts; `path.parent` is where its external data lies. It may take the place of
        another one with its version, which goes afterwards (`remove`). session: of the same graph in this process; its schema
        and metadata. data: the very bytes that were proved. What is raised here keeps the version from being served.
        """

    def remove(self, model: Model) -> None:
        """A version takes no new requests; those that it has are finished."""
