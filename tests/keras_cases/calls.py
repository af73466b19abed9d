"""Layers that are called with more than one tensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass(frozen=True)
class Called:
    """A layer, called with tensors and with options, the tensors in one list where it wants that."""

    layer: keras.layers.Layer
    listed: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *inputs: Any) -> Any:
        return self.layer(list(inputs), **self.options) if self.listed else self.layer(*inputs, **self.options)


def called(layer: Any, **options: Any) -> Called:
    """The layer, called with more than tensors."""
    return Called(layer, options=options)


def listed(layer: Any, **options: Any) -> Called:
    """The layer, called with a list of all inputs."""
    return Called(layer, listed=True, options=options)


def class_of(name: str, make: Any) -> str:
    """The class of the layer that a case is about; a case whose layer cannot be made here is named after it."""
    try:
        made = make()
    except Exception:  # whatever a backend says to a layer of another one
        return name.partition("-")[2]
    return type(made.layer if isinstance(made, Called) else made).__name__
