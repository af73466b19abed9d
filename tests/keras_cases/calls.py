"""Layers that are called with more than one tensor, or with a mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers as L  # noqa: N812

# What `masked` embeds: 0 is masked.
TOKENS = {"ids": 4, "shape": (6,)}


@dataclass(frozen=True)
class Called:
    """A layer, called with tensors and with options. listed: all tensors are one list. tokens: how many of the inputs are
    embedded with a mask before. states: how many of the last inputs are the initial state. flags: names of arguments that the
    last inputs are, as booleans; `mask` twice is a list. after: what its result goes to, which may look at the mask."""

    layer: keras.layers.Layer
    listed: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0
    states: int = 0
    flags: tuple[str, ...] = ()
    after: keras.layers.Layer | None = None

    def __call__(self, *inputs: Any) -> Any:
        tensors = [L.Embedding(4, 3, mask_zero=True)(x) if i < self.tokens else x for i, x in enumerate(inputs)]
        options, kept = dict(self.options), len(tensors) - self.states - len(self.flags)
        if self.states:
            options["initial_state"] = tensors[kept:] if self.states > 1 else tensors[kept]
        flags = [keras.ops.cast(x, "bool") for x in tensors[kept:]] if self.flags else []
        options |= {"mask": flags} if self.flags == ("mask", "mask") else dict(zip(self.flags, flags, strict=True))
        result = self.layer(tensors[:kept], **options) if self.listed else self.layer(*tensors[:kept], **options)
        return result if self.after is None else self.after(result)


def called(layer: Any, **options: Any) -> Called:
    """The layer, called with more than tensors."""
    return Called(layer, options=options)


def listed(layer: Any, **options: Any) -> Called:
    """The layer, called with a list of all inputs."""
    return Called(layer, listed=True, options=options)


def masked(layer: Any, tokens: int = 1, **settings: Any) -> Called:
    """The layer behind an embedding with a mask; `listed` takes a list of several."""
    return Called(layer, tokens=tokens, **settings)


def started(layer: Any, states: int, **settings: Any) -> Called:
    """The layer with an initial state, the last inputs."""
    return Called(layer, states=states, **settings)


def flagged(layer: Any, *flags: str, **settings: Any) -> Called:
    """The layer with masks as arguments, the last inputs."""
    return Called(layer, flags=flags, **settings)


def class_of(name: str, make: Any) -> str:
    """The class of the layer that a case is about; a case whose layer cannot be made here is named after it."""
    try:
        made = make()
    except Exception:  # whatever a backend says to a layer of another one
        return name.partition("-")[2]
    return type(made.layer if isinstance(made, Called) else made).__name__
