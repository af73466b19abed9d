"""Which function emits which layer. There is no list to keep: layers register themselves by their class name in the files below
`layers/`, operations of keras.ops in the file below `ops/` that is named after their module (`keras.src.ops.numpy`).

An emitter is a pure function: the saved layer, then the arguments of Keras' own `call`, tensors as Tensor, everything else as the
user wrote it. It has to accept every argument and to look at every parameter and weight; what it leaves out is refused.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import numpy as np
from onnx.shape_inference import InferenceError

from ...errors import UnsupportedError
from ...graph.values import constant
from ..registry import located, step
from .layer import FLOATS, Layer
from .precision import BFLOAT16, common_half, known_as, policy_of, rounded, widened
from .tensor import Tensor
from .values import floats

Emitter = Callable[..., "Tensor | list[Tensor]"]
Function = TypeVar("Function", bound=Emitter)
Kind = Literal["computes", "moves", "casts"]

PUBLIC = (
    "keras.layers",
    "keras",
    "keras.src.activations.activations",
    "keras.src.applications.convnext",
    "keras.src.applications.inception_resnet_v2",
    "keras.src.layers.preprocessing.feature_space",
    f"{__package__}.foreign",
)


@dataclass(frozen=True)
class Entry:
    """emit: the function. masking: whether the result keeps the mask of the first tensor, as Keras' `supports_masking` says.
    autocast: whether Keras rounds its weights in half precision and casts the floats that enter. rounds: whether it rounds its
    results. converts: whether it looks at what enters at all, as `_convert_input_args` says. kind: what an operation does with
    numbers of half precision."""

    emit: Emitter
    masking: bool
    autocast: bool = True
    rounds: bool = True
    converts: bool = True
    kind: Kind = "computes"


_layers: dict[str, Entry] = {}
_operations: dict[tuple[str, str], Entry] = {}


def emits(
    *class_names: str, masking: bool = False, autocast: bool = True, rounds: bool = True, converts: bool = True
) -> Callable[[Function], Function]:
    """Register the emitter of these layers of keras.layers."""

    def register(function: Function) -> Function:
        _layers.update(dict.fromkeys(class_names, Entry(function, masking, autocast, rounds, converts)))
        return function

    return register


def operation(module: str, *class_names: str, kind: Kind = "computes") -> Callable[[Function], Function]:
    """Register the emitter of these operations of a module of keras.ops, such as "numpy". kind: it computes new numbers, in half
    precision by way of float32; or moves those that it gets; or makes other types of them."""

    def register(function: Function) -> Function:
        _operations.update({(module, name): Entry(function, False, kind=kind) for name in class_names})
        return function

    return register


def emitted_layers() -> Mapping[str, Entry]:
    """All layers that have an emitter, by class name."""
    _load_layers()
    return _layers


def emit(layer: Layer, args: list[Any], kwargs: dict[str, Any]) -> list[Tensor]:
    """The results of one call. Raises UnsupportedError, which names the layer's place in the model, for what is not handled."""
    with step(f"layers[{layer.name!r}]"), located():
        entry = _find(layer)
        layer.refuse_quantized()
        tensors = [t for t in _tensors(args) if t.mask is not None] if entry.masking else []
        try:
            inspect.signature(entry.emit).bind(layer, *args, **kwargs)
        except TypeError as error:
            raise UnsupportedError(f"the call of {layer.class_name}", got=str(error)) from None
        layer.autocast = entry.autocast
        if layer.is_operation:
            return _operate(entry, layer, args, kwargs)
        if entry.converts:
            args, kwargs = _entering(layer, args), _entering(layer, kwargs)
        result = _emitted(entry, layer, args, kwargs)
        layer.refuse_unread()
    results = result if isinstance(result, list) else [result]
    if layer.half is not None and entry.rounds and not layer.is_model:
        results = [rounded(r, layer.half) for r in results]
    mask = tensors[0].mask if tensors else None
    return [r.masked(mask) if r.mask is None and mask is not None else r for r in results]


def _operate(entry: Entry, layer: Layer, args: list[Any], kwargs: dict[str, Any]) -> list[Tensor]:
    """The results of an operation, which knows no masks. What all of its floats have of half precision, its results have too."""
    half = common_half([args, kwargs])
    args, kwargs = widened(args, BFLOAT16), widened(kwargs, BFLOAT16)  # of arrays: the graph has float32 that holds such numbers
    if half is not None and entry.kind == "computes":
        args, kwargs = widened(args, half), widened(kwargs, half)
    result = _emitted(entry, layer, args, kwargs)
    layer.refuse_unread()
    results = [r.masked(None) for r in (result if isinstance(result, list) else [result])]
    if half is None or entry.kind == "casts":
        return results
    return [rounded(r, half) if entry.kind == "computes" else known_as(r, half) for r in results]


def _emitted(entry: Entry, layer: Layer, args: list[Any], kwargs: dict[str, Any]) -> Tensor | list[Tensor]:
    try:
        result = entry.emit(layer, *args, **kwargs)
        if layer.is_operation:  # now, so that what ONNX refuses is refused in its name
            _ = [x.stored for x in (result if isinstance(result, list) else [result])]
        return result
    except (AttributeError, TypeError) as error:  # an argument of a kind that the emitter has not been written for
        line = f"{type(error).__name__}: {error}"[:160]
        raise UnsupportedError(f"the arguments of {layer.class_name} are not handled", got=line) from error
    except InferenceError as error:  # operands that ONNX has no such operator for
        line = " ".join(str(error).split())[:160]
        raise UnsupportedError(f"{layer.class_name} of operands that ONNX refuses", got=line) from error


def _entering(layer: Layer, value: Any) -> Any:
    """The arguments of a call, constants as tensors, floats in the layer's own type, integers as they are: `Layer.__call__` casts
    them before `call` sees them. Source: `keras.src.dtype_policies.dtype_policy.DTypePolicy.convert_input`."""
    if isinstance(value, np.ndarray):
        value = Tensor.of(constant(value.astype(np.float32) if value.dtype == BFLOAT16 else value))
    if isinstance(value, Tensor) and not layer.is_model and value.dtype.kind == "f":
        if layer.half is not None:
            return rounded(value, layer.half)
        return floats(layer, value) if layer.autocast and policy_of(layer.config) in FLOATS else value
    if isinstance(value, list):
        return [_entering(layer, v) for v in value]
    return {k: _entering(layer, v) for k, v in value.items()} if isinstance(value, dict) else value


def _find(layer: Layer) -> Entry:
    found: Entry | None = None
    if layer.is_operation:
        _load_operations()
        found = _operations.get((layer.module.removeprefix("keras.src.ops."), layer.class_name))
    elif layer.module in PUBLIC or layer.class_name in ("Functional", "Sequential"):
        _load_layers()
        found = _layers.get(layer.class_name)
    if found is None:
        kind = "operation" if layer.is_operation else "layer"
        raise UnsupportedError(f"no emitter for the {kind} {layer.module}.{layer.class_name}", hint=_hint(layer))
    return found


@cache
def _load_layers() -> None:
    _import_all(f"{__package__}.layers")


def _import_all(package: str) -> None:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)


@cache
def _load_operations() -> None:
    _import_all(f"{__package__}.ops")


def _hint(layer: Layer) -> str | None:
    if layer.is_operation:
        return "use another operation of keras.ops, or install tf2onnx"
    return None if layer.module.startswith("keras") else "convert the model object where its class is defined"


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tensors(each)
