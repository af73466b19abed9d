"""Whose answers the graph gives. Keras' backends agree about nearly everything; where they do not, the graph answers as the one
that the model runs on, and as TensorFlow where none is there. An emitter that has to know asks `answers_as`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

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


def own(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What a dtype is on the backend: JAX has no numbers of 64 bits unless it is told to (`jax_enable_x64`)."""
    if dtype.kind not in "iuf" or dtype.itemsize < 8 or not answers_as("jax"):
        return dtype
    from jax import config

    return dtype if config.jax_enable_x64 else np.dtype(f"{dtype.kind}4")
