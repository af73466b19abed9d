"""What a transport that runs models itself is told: which versions are ready, and which go."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .models import Model


@runtime_checkable
class ModelListener(Protocol):
    """Called from the thread that loads models, one call at a time."""

    def add(self, model: Model) -> None:
        """A version is about to take traffic: loaded, warmed up, its golden vectors replayed. `model` has its name, version,
        path, session (schema and metadata) and settings. What is raised here keeps the version from being served."""

    def remove(self, model: Model) -> None:
        """A version takes no new requests; those that it has are finished before this returns."""
