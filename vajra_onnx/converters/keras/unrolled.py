"""Layers of the user's own, and Lambda: what their `call` does with keras.ops and other layers takes their place in the graph.

The layer is called on Keras' symbolic tensors, as in inference; its weights become constants of the operations that use them.
Masks are handed to the call and carried around it as Keras' own `__call__` does. A call that is no graph of keras.ops gets a
stand-in where tf2onnx may convert it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
from keras.src.backend import AutocastScope
from keras.src.models.functional import Functional

from ...errors import UnsupportedError
from ..registry import located, step
from .fallback import possible
from .foreign import Carried, Foreign, carried, mask_of
from .tracing import symbolic_sizes

MODELS = (Functional, keras.Sequential)


def unrolled(model: Any, kinds: Mapping[int, str] | None = None) -> Any:
    """The same graph with the calls of foreign layers in their place, and weights as constants of operations; the model itself
    where it has neither.

    model: Functional or Sequential. kinds: in which type each weight is used, by identity; found in the model. Raises
    UnsupportedError, which names the layer, for a call that is no graph of keras.ops.
    """
    if not _has_foreign(model) and not _has_weights(model):
        return model
    kinds = _kinds(model) if kinds is None else kinds
    ends = [keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x._keras_history.operation.name) for x in model.inputs]
    return unrolled(Functional(ends, _run(model, ends, kinds)), kinds)  # a layer of the user's own may have others inside


def output_names(model: Any) -> list[str] | None:
    """The names of the outputs where unrolling loses them, which are those of the layers that make them."""
    return list(_graph(model).output_names) if _has_foreign(model) or _has_weights(model) else None


def _has_foreign(model: Any) -> bool:
    """Whether a call of the graph is a foreign layer's; what is inside of a layer of Keras' own, such as a cell, is its own."""
    return any(_has_foreign(o) if isinstance(o, MODELS) else _is_foreign(o) for o in _graph(model)._operations)


def _has_weights(model: Any) -> bool:
    """Whether an operation of the graph has a weight among its operands."""
    nodes = [n for level in _graph(model)._nodes_by_depth.values() for n in level if not isinstance(n.operation, keras.Layer)]
    operands = [x for node in nodes for x in keras.tree.flatten((node.arguments.args, node.arguments.kwargs))]
    return any(isinstance(x, keras.Variable) for x in operands)


def _kinds(model: Any) -> dict[int, str]:
    """The types in which layers use their own weights: floats in the type in which they compute."""
    kinds = {}
    for layer in model._flatten_layers():
        for weight in (*layer._trainable_variables, *layer._non_trainable_variables):
            kinds[id(weight)] = layer.compute_dtype if layer.autocast and "float" in weight.dtype else weight.dtype
    return kinds


def _is_foreign(operation: Any) -> bool:
    module = type(operation).__module__
    own = isinstance(operation, Foreign | Carried) or module == "keras" or module.startswith("keras.")
    return isinstance(operation, keras.layers.Lambda) or not own or _is_own_function(getattr(operation, "activation", None))


def _is_own_function(activation: Any) -> bool:
    """Whether a layer's activation is a function of the user's own, or one of keras.ops, whose name in the file would mean that
    of keras.activations: then its call is traced, too."""
    if isinstance(activation, partial) or (isinstance(activation, keras.Layer) and activation.weights):
        return True
    module = str(getattr(activation, "__module__", ""))
    return inspect.isfunction(activation) and (module.startswith("keras.src.ops") or not module.startswith("keras."))


def _graph(model: Any) -> Any:
    return model._functional if isinstance(model, keras.Sequential) else model


def _run(model: Any, inputs: Any, kinds: Mapping[int, str]) -> Any:
    return _graph(model)._run_through_graph(inputs, operation_fn=partial(_called, kinds))


def _called(kinds: Mapping[int, str], operation: Any) -> Callable[..., Any]:
    """What takes the place of a call in the graph."""
    if isinstance(operation, MODELS) and (_has_foreign(operation) or _has_weights(operation)):
        return lambda inputs, **_: _run(operation, inputs, kinds)
    if not isinstance(operation, keras.Layer):
        return partial(_with_constants, kinds, operation)
    return partial(_traced, operation) if _is_foreign(operation) else operation


def _with_constants(kinds: Mapping[int, str], operation: Any, *args: Any, **kwargs: Any) -> Any:
    def constant(x: Any) -> Any:
        return keras.ops.cast(x.value, kinds.get(id(x), x.dtype)) if isinstance(x, keras.Variable) else x

    args, kwargs = keras.tree.map_structure(constant, (args, kwargs))
    return operation(*args, **kwargs)


def _traced(layer: Any, *args: Any, **kwargs: Any) -> Any:
    with step(f"layers[{layer.name!r}]"), located():
        kind, parameters = type(layer).__qualname__, inspect.signature(layer.call).parameters
        kwargs = {key: value for key, value in kwargs.items() if value is not None and key != "training"}
        kwargs |= _masks(layer, args, kwargs)
        given = {**kwargs, "training": False} if "training" in parameters else kwargs
        try:
            with symbolic_sizes(), _without_losses(layer), _casting(layer):
                result = layer.call(*keras.tree.map_structure(partial(_autocast, layer), args), **given)
                return _carrying(layer, args, kwargs, result)
        except Exception as error:  # the user's code on symbolic tensors
            line = (str(error).strip().splitlines() or [""])[0][:200]
            refused = UnsupportedError(
                f"{kind}.call is no graph of keras.ops: {type(error).__name__}: {line}",
                hint="use keras.ops in place of numpy or a backend's own functions",
            )
            masked = any(mask_of(x) is not None for x in keras.tree.flatten((args, kwargs)))
            if not possible() or (masked and (layer.supports_masking or "mask" in parameters)):
                raise refused from error
        stand_in = Foreign(layer, args, kwargs, refused)
        return stand_in(stand_in.tensors)


def _casting(layer: Any) -> Any:
    """Within it weights have the type in which the layer computes."""
    return AutocastScope(layer.compute_dtype if layer.autocast and "float" in layer.compute_dtype else None)


@contextmanager
def _without_losses(layer: Any) -> Iterator[None]:
    """Within it the losses that a call adds, which are nothing at inference, are dropped."""
    object.__setattr__(layer, "add_loss", lambda *_: None)
    try:
        yield
    finally:
        object.__delattr__(layer, "add_loss")


def _masks(layer: Any, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The masks that `Layer.__call__` hands to the call: as `mask` of its only tensor, as `x_mask` of each of several."""
    signature = inspect.signature(layer.call)
    bound = signature.bind(*args, **kwargs).arguments
    tensors = {k: v for k, v in bound.items() if any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(v))}
    names = {"mask": next(iter(tensors))} if len(tensors) == 1 else {f"{name}_mask": name for name in tensors}
    masks = {
        key: keras.tree.map_structure(mask_of, tensors[name])
        for key, name in names.items()
        if key in signature.parameters and bound.get(key) is None
    }
    return {key: mask for key, mask in masks.items() if any(m is not None for m in keras.tree.flatten(mask))}


def _carrying(layer: Any, args: Any, kwargs: dict[str, Any], result: Any) -> Any:
    """The result of a call with the masks that `compute_mask` makes of those of its first tensor."""
    first = args[0] if args else next(iter(kwargs.values()))
    if not layer.supports_masking or all(mask_of(x) is not None for x in keras.tree.flatten(result)):
        return result
    masks = layer.compute_mask(first, kwargs.get("mask", keras.tree.map_structure(mask_of, first)))
    if masks is None or all(m is None for m in keras.tree.flatten(masks)):
        return result
    if len(keras.tree.flatten(masks)) != len(keras.tree.flatten(result)):
        raise UnsupportedError(f"{type(layer).__qualname__}.compute_mask", expected="a mask for every result")
    pairs = zip(keras.tree.flatten(result), keras.tree.flatten(masks), strict=True)
    return keras.tree.pack_sequence_as(result, [x if mask is None else carried(x, mask) for x, mask in pairs])


def _autocast(layer: Any, x: Any) -> Any:
    """Floats in the dtype in which the layer computes, as `Layer.__call__` casts them."""
    wrong = isinstance(x, keras.KerasTensor) and "float" in x.dtype and x.dtype != layer.compute_dtype
    return keras.ops.cast(x, layer.compute_dtype) if wrong and layer.autocast else x
