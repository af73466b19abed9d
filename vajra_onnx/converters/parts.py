"""What a model is made of: its parts, whatever holds them, and whether one of them is a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .branches import Branches
from .chain import Chain
from .networks import is_network, is_wrapper, network_inside


def parts_of(model: Any) -> Iterator[Any]:
    """The model itself, the parts of a chain, the estimators that parameters hold (a pipeline's steps, a search's model), and the
    networks inside of any."""
    yield from _with_network(model)
    if isinstance(model, Chain):
        for _, part in model.steps:
            for each in part.parts.values() if isinstance(part, Branches) else (part,):
                yield from parts_of(each)
    elif not isinstance(model, type) and hasattr(model, "get_params"):
        for value in model.get_params(deep=True).values():
            if hasattr(value, "get_params"):
                yield from _with_network(value)
            elif isinstance(value, Chain):
                yield from parts_of(value)


def _with_network(model: Any) -> Iterator[Any]:
    yield model
    if (network := network_inside(model)) is not None:
        yield network


def has_network(model: Any) -> bool:
    """Whether a network takes part: its numbers are within 1e-5, not within a few ulp (ADR 0006)."""
    return any(is_network(part) or is_wrapper(part) for part in parts_of(model))
