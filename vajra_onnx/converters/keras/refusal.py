"""The refusals for which nobody else is asked."""

from __future__ import annotations

from ...errors import UnsupportedError
from .layer import Layer


class UndecidedError(UnsupportedError):
    """The answer to a row hangs on the rows beside it, or before it, or on a last bit: another converter would not know it
    either."""


def stateless(layer: Layer) -> None:
    """Refuse a layer whose answers hang on the calls before."""
    if layer.get("stateful", False):
        raise UndecidedError(f"{layer.class_name}(stateful=...)", expected="False", got="True")
