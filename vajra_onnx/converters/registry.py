"""Which function converts which type. Exact types only: a subclass may have overridden what its parent does.

There is no list to keep. An unknown type makes the registry import the converter file that is named after the type's own
module, private parts included: `sklearn.ensemble._forest.RandomForestClassifier` is looked for in
`converters/sklearn/ensemble/forest.py`, then in `converters/sklearn/ensemble.py`, then in `converters/sklearn/`;
`keras.src.models.functional.Functional` in `converters/keras/models.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import Any, TypeVar

from spox import Var

from ..errors import UnsupportedError, VajraError
from ..graph.block import Block


@dataclass(frozen=True)
class OnDemand:
    """An output that few ask for and that costs much, such as the leaves of a large ensemble: built where it is chosen."""

    build: Callable[[], Var]


Output = Var | Block | OnDemand
Outputs = Mapping[str, Output]
Converter = Callable[[Any, Block], "Outputs | Block"]
Function = TypeVar("Function", bound=Callable[..., Any])

_converters: dict[type, Converter] = {}
_references: dict[type, Callable[[Any, Any, str], Any]] = {}
_path: ContextVar[str] = ContextVar("path", default="")

ENTRY_POINTS = "vajra_onnx.converters"


def converts(*types: type) -> Callable[[Function], Function]:
    """Register a converter for exactly these types: `(fitted object, Block) -> Block` for a transformer, or
    `-> {method name: Var | Block}` for everything that has more outputs than `transform`."""

    def register(function: Function) -> Function:
        for each in types:
            _converters[each] = function
        return function

    return register


def references(*types: type) -> Callable[[Function], Function]:
    """Register how the original itself computes its outputs, for types whose outputs are not methods of that name:
    `(fitted object, data, output name) -> array`. Example: XGBoost's `margin` is `predict(X, output_margin=True)`."""

    def register(function: Function) -> Function:
        for each in types:
            _references[each] = function
        return function

    return register


def registered() -> frozenset[type]:
    """The types that have a converter among the modules imported so far."""
    return frozenset(_converters)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Inside, errors name this place of the pipeline: `with step("steps['prep']")`."""
    token = _path.set(f"{_path.get()}.{name}" if _path.get() else name)
    try:
        yield
    finally:
        _path.reset(token)


@contextmanager
def located() -> Iterator[None]:
    """Errors of ours that come from inside get the current place of the pipeline, unless they name one."""
    try:
        yield
    except VajraError as error:
        if error.where is None and _path.get():
            raise type(error)(str(error), where=_path.get()) from error
        raise


def convert(model: Any, block: Block) -> dict[str, Output]:
    """All outputs of a fitted object, by method name. Nothing enters the graph that no requested output reaches.

    Raises UnsupportedError, which names the place in the pipeline, for a type or parameter that is not handled.
    """
    converter = _find(type(model), _converters)
    if converter is None:
        raise UnsupportedError(
            f"no converter for {qualified_name(type(model))}",
            where=_path.get() or "the model itself",
            hint="register one with @vajra_onnx.converts(...), see docs/writing-a-converter.md",
        )
    with located():
        result = converter(model, block)
    outputs = {"transform": result} if isinstance(result, Block) else dict(result)
    return {name: _marked(value, block) for name, value in outputs.items()}


def _marked(output: Output, block: Block) -> Output:
    """Zeros that a sparse matrix stores stay stored through every step that keeps it sparse."""
    if isinstance(output, Block) and block.stored_zeros and output.sparse:
        return replace(output, stored_zeros=True)
    return output


def transform(model: Any, block: Block) -> Block:
    """The block that `model.transform` returns."""
    outputs = convert(model, block)
    if "transform" not in outputs:
        raise UnsupportedError(f"{qualified_name(type(model))} has no transform", where=_path.get() or None)
    result = outputs["transform"]
    if isinstance(result, OnDemand):
        result = result.build()
    return result if isinstance(result, Block) else Block.matrix_of(result)


def has_reference(model: Any) -> bool:
    """Whether the outputs of this object are computed by a registered reference."""
    return _find(type(model), _references, required=False) is not None


def reference(model: Any, data: Any, output: str) -> Any:
    """What the original answers for `output`: the registered reference, or the method of that name."""
    function = _find(type(model), _references, required=False)
    return function(model, data, output) if function is not None else getattr(model, output)(data)


def qualified_name(kind: type) -> str:
    """`sklearn.ensemble.RandomForestClassifier`: the type under its public module."""
    public = [part for part in kind.__module__.split(".") if not part.startswith("_")]
    return ".".join([*public, kind.__qualname__])


def find_registered(kind: type, table: Mapping[type, Function]) -> Function | None:
    """What a table that converter modules fill holds for exactly this type; the module that is named after it is imported."""
    if kind not in table:
        for module in _candidates(kind.__module__):
            importlib.import_module(module)
            if kind in table:
                break
    return table.get(kind)


def _find(kind: type, table: dict[type, Any], required: bool = True) -> Any:
    if kind not in table and kind not in _converters:
        for module in _candidates(kind.__module__):
            importlib.import_module(module)
            if kind in _converters:
                break
        else:
            if required:
                _load_entry_points()
    return table.get(kind)


def _candidates(module: str) -> Iterator[str]:
    """The converter modules that exist for a type's module, the closest first."""
    parts = [part.lstrip("_") for part in module.split(".") if part != "src"]
    while parts:
        name = ".".join(["vajra_onnx.converters", *parts])
        try:
            found = importlib.util.find_spec(name) is not None
        except ModuleNotFoundError:
            found = False
        if found:
            yield name
        parts.pop()


def _load_entry_points() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()
