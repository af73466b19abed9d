"""Whose answers the graph gives. Keras' backends agree about nearly everything; where they do not, the graph answers as the one
that the model runs on, and as TensorFlow where none is there. An emitter that has to know asks `answers_as`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_backend: ContextVar[str] = ContextVar("backend", default="tensorflow")


@contextmanager
def answering_as(backend: str) -> Iterator[None]:
    """Within it, emitters answer as this backend: "tensorflow", "jax", "torch"."""
    token = _backend.set(backend)
    try:
        yield
    finally:
        _backend.reset(token)


def answers_as(backend: str) -> bool:
    """Whether the graph that is being built answers as this backend."""
    return _backend.get() == backend
