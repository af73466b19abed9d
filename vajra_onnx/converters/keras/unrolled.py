"""Layers of the user's own, and Lambda: what their `call` does with keras.ops and other layers takes their place in the graph.

The layer is called on Keras' symbolic tensors, as in inference; its weights become constants of the operations that use them. A
mask, which Keras' own `__call__` would hand to the call or carry around it, is refused by name. A call that is no graph of
keras.ops gets a stand-in where tf2onnx may convert it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras.src.models.functional import Functional

from ...errors import UnsupportedError
from ..registry import located, step
from .fallback import possible
from .foreign import Foreign

MODELS = (Functional, keras.Sequential)


def unrolled(model: Any) -> Any:
    """The same graph with the calls of foreign layers in their place; the model itself where it has none.

    model: Functional or Sequential. Raises UnsupportedError, which names the layer, for a call that is no graph of keras.ops.
    """
    if not _has_foreign(model):
        return model
    ends = [keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x._keras_history.operation.name) for x in model.inputs]
    return Functional(ends, _run(model, ends))


def output_names(model: Any) -> list[str] | None:
    """The names of the outputs where unrolling loses them, which are those of the layers that make them."""
    return list(_graph(model).output_names) if _has_foreign(model) else None


def _has_foreign(model: Any) -> bool:
    return any(_is_foreign(layer) for layer in model._flatten_layers(include_self=False))


def _is_foreign(operation: Any) -> bool:
    module = type(operation).__module__
    return isinstance(operation, keras.layers.Lambda) or not (module == "keras" or module.startswith("keras."))


def _graph(model: Any) -> Any:
    return model._functional if isinstance(model, keras.Sequential) else model


def _run(model: Any, inputs: Any) -> Any:
    return _graph(model)._run_through_graph(inputs, operation_fn=_called)


def _called(operation: Any) -> Callable[..., Any]:
    """What takes the place of a call in the graph."""
    if isinstance(operation, MODELS) and _has_foreign(operation):
        return lambda inputs, **_: _run(operation, inputs)
    return partial(_traced, operation) if _is_foreign(operation) else operation


def _traced(layer: Any, *args: Any, **kwargs: Any) -> Any:
    with step(f"layers[{layer.name!r}]"), located():
        kind, parameters = type(layer).__qualname__, inspect.signature(layer.call).parameters
        masked = any(getattr(x, "_keras_mask", None) is not None for x in keras.tree.flatten((args, kwargs)))
        if masked and (layer.supports_masking or "mask" in parameters):
            raise UnsupportedError(f"a mask at {kind}", hint="use Embedding(mask_zero=False), or make the mask in the layer")
        kwargs = {key: value for key, value in kwargs.items() if value is not None and key != "training"}
        if "training" in parameters:
            kwargs["training"] = False
        try:
            return layer.call(*keras.tree.map_structure(partial(_autocast, layer), args), **kwargs)
        except Exception as error:  # the user's code on symbolic tensors
            line = (str(error).strip().splitlines() or [""])[0][:200]
            refused = UnsupportedError(
                f"{kind}.call is no graph of keras.ops: {type(error).__name__}: {line}",
                hint="use keras.ops in place of numpy or a backend's own functions",
            )
            if not possible():
                raise refused from error
        stand_in = Foreign(layer, args, kwargs, refused)
        return stand_in(stand_in.tensors)


def _autocast(layer: Any, x: Any) -> Any:
    """Floats in the dtype in which the layer computes, as `Layer.__call__` casts them."""
    wrong = isinstance(x, keras.KerasTensor) and "float" in x.dtype and x.dtype != layer.compute_dtype
    return keras.ops.cast(x, layer.compute_dtype) if wrong and layer.autocast else x
