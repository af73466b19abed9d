"""Foreign: what stands in a graph of layers for one call of a layer that computes with TensorFlow itself: tf2onnx converts it.

The layer itself cannot be in the file that is converted: the file has a number, under which it is found as long as somebody holds
the model that this is part of.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import keras

from ...errors import UnsupportedError
from ...schema import Column
from .fallback import Traced

_numbers = count()
_known: WeakValueDictionary[int, Foreign] = WeakValueDictionary()


class Foreign(keras.Layer):  # type: ignore[misc]
    """A call of a layer. args, kwargs: of the call. why: it is no graph of keras.ops."""

    def __init__(self, original: Any, args: Any, kwargs: Any, why: UnsupportedError) -> None:
        super().__init__()
        structure = (args, kwargs)
        self.tensors = [x for x in keras.tree.flatten(structure) if isinstance(x, keras.KerasTensor)]
        self.number, self.why = next(_numbers), str(why)
        # Functions, because Keras would take a layer for a part of this one, with its weights.
        self._original: Callable[[], Any] = lambda: original
        self._arguments: Callable[[list[Any]], Any] = lambda tensors: _filled(structure, tensors)
        _known[self.number] = self

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "number": self.number}

    def compute_output_spec(self, tensors: list[Any]) -> Any:
        args, kwargs = self._arguments(tensors)
        return self._original().compute_output_spec(*args, **kwargs)

    def call(self, tensors: list[Any]) -> Any:
        args, kwargs = self._arguments(tensors)
        return self._original()(*args, **kwargs)

    def traced(self) -> Traced:
        """The call as TensorFlow sees it."""
        original = self._original()
        columns = [Column(f"input_{i}", x.dtype, tuple(x.shape)) for i, x in enumerate(self.tensors)]
        results = len(keras.tree.flatten(self.compute_output_spec(self.tensors)))
        return Traced(original, columns, results, self.call, f"layers[{original.name!r}]")


class Carried(keras.Layer):  # type: ignore[misc]
    """A tensor with a mask that a layer of the user's own makes of it."""

    def compute_output_spec(self, x: Any, values: Any) -> Any:
        return keras.KerasTensor(x.shape, x.dtype)

    def call(self, x: Any, values: Any) -> Any:
        return x


def carried(x: Any, mask: Any) -> Any:
    """A symbolic tensor with this mask, which the graph carries on, too."""
    result = Carried(dtype=x.dtype if "float" in x.dtype else None)(x, mask)
    result._keras_mask = mask
    return result


def mask_of(x: Any) -> Any:
    """The mask of a symbolic tensor, or None."""
    return getattr(x, "_keras_mask", None)


def find(number: int) -> Foreign:
    """The call of this number. Raises UnsupportedError where there is none, as in a file of somebody else."""
    found = _known.get(number)
    if found is None:
        raise UnsupportedError("a layer that is not in the file")
    return found


def _filled(structure: Any, tensors: list[Any]) -> Any:
    left = iter(tensors)
    return keras.tree.map_structure(lambda x: next(left) if isinstance(x, keras.KerasTensor) else x, structure)
