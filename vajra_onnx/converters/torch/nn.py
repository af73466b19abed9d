"""torch.nn: a module as a network, exported by torch itself and inlined.

A module is converted and asked as in `eval()` without gradients, whatever mode it is in: dropout is nobody's prediction. Its
inputs are called like the parameters of its `forward`, its only output `predict`, several predict_0, predict_1, ..., those of a
dict by their keys.
"""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
import torch
from spox import Var

from ... import dtypes
from ...errors import UnsupportedError
from ...graph.inline import inlined
from ...graph.target import current
from ...schema import Column
from ..networks import Feeds, Network, describes

# A batch that is traced with one row would become a constant of the graph.
EXAMPLE_ROWS = 3
OPSETS = (18, 25)


@describes(torch.nn.Module, subclasses=True)
def describe(model: torch.nn.Module, sample: Any) -> Network:
    """The network of a module, for inputs like the sample's: an array [N, ...], a list of them, or a dict by parameter."""
    arrays = _named(model, sample)
    columns = tuple(Column(name, dtypes.of_numpy(a.dtype).name, (None, *a.shape[1:])) for name, a in arrays.items())
    example = {name: _tensor(np.concatenate([a[:EXAMPLE_ROWS]] * EXAMPLE_ROWS)[:EXAMPLE_ROWS]) for name, a in arrays.items()}

    def emit(variables: Mapping[str, Var]) -> dict[str, Var]:
        proto = exported(model, example)
        outputs = inlined(proto, [variables[column.name] for column in columns])
        with inference(model):
            names = list(_results(model(**example)))
        if len(outputs) != len(names):
            raise UnsupportedError("the outputs of torch's graph", expected=", ".join(names), got=f"{len(outputs)} of them")
        return dict(zip(names, outputs, strict=True))

    def answer(feeds: Feeds) -> dict[str, np.ndarray]:
        with inference(model):
            results = _results(model(**{column.name: _tensor(feeds[column.name]) for column in columns}))
        return {name: result.numpy() for name, result in results.items()}

    return Network(columns, emit, answer, packages=("torch", "onnxscript"))


def exported(model: torch.nn.Module, example: Mapping[str, torch.Tensor]) -> onnx.ModelProto:
    """What torch's exporter makes of a module: every first axis is the batch, of any size.

    Raises UnsupportedError, with torch's own first line, for what it cannot export.
    """
    opset, (oldest, newest) = current().opset, OPSETS
    if not oldest <= opset <= newest:
        raise UnsupportedError("target opset of a torch module", expected=f"{oldest} to {newest}", got=str(opset))
    shapes = {name: {0: torch.export.Dim.DYNAMIC} for name in example}
    try:
        with inference(model), _quiet():
            program = torch.onnx.export(
                model, (), kwargs=dict(example), dynamo=True, dynamic_shapes=shapes, opset_version=opset, verbose=False
            )
    except ImportError as error:
        raise UnsupportedError(f"torch's exporter needs {error.name}", hint="pip install onnxscript") from error
    except Exception as error:  # whatever the user's forward and torch's tracing raise
        raise UnsupportedError(f"torch cannot export the module: {type(error).__name__}: {_line(error)}") from error
    model_proto: onnx.ModelProto = program.model_proto
    return model_proto


@contextmanager
def inference(model: torch.nn.Module) -> Iterator[None]:
    """Inside, the module and all that it holds is in eval mode, and no gradients are kept."""
    training = [part for part in model.modules() if part.training]
    try:
        for part in training:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part in training:
            part.training = True


def _named(model: torch.nn.Module, sample: Any) -> dict[str, np.ndarray]:
    """The arrays of a sample by parameter of `forward`; floats in the type of the module's weights."""
    parameters = inspect.signature(model.forward).parameters.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if isinstance(sample, Mapping):
        given = dict(sample)
    else:
        several = isinstance(sample, list | tuple) and len(sample) > 0 and np.ndim(sample[0]) > 0 and len(names) > 1
        given = dict(zip(names, sample if several else [sample], strict=False))
    if not given or not set(given) <= set(names):
        raise UnsupportedError("the inputs of a torch module", expected=" | ".join(names) or "named ones", got=", ".join(given))
    return {name: _array(model, given[name]) for name in names if name in given}


def _array(model: torch.nn.Module, values: Any) -> np.ndarray:
    array = np.asarray(values.detach().cpu() if isinstance(values, torch.Tensor) else values)
    if array.dtype.kind != "f":
        return array
    floats = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    if floats not in (torch.float32, torch.float64):
        raise UnsupportedError("the weights of a torch module", expected="float32 | float64", got=str(floats))
    return array.astype(np.float32 if floats == torch.float32 else np.float64)


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _results(value: Any) -> dict[str, torch.Tensor]:
    """The outputs by name."""
    if isinstance(value, torch.Tensor):
        value = {"predict": value}
    elif isinstance(value, list | tuple):
        value = {f"predict_{i}": each for i, each in enumerate(value)} if len(value) > 1 else {"predict": value[0]}
    if not isinstance(value, Mapping) or not all(isinstance(each, torch.Tensor) for each in value.values()):
        raise UnsupportedError(
            "what a torch module answers", expected="a tensor, or tensors in a tuple or dict", got=_kind(value)
        )
    return {str(name): each for name, each in value.items()}


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a dict of {', '.join(sorted({type(each).__name__ for each in value.values()}))}"
    return type(value).__name__


def _line(error: Exception) -> str:
    """The exporter's own error says only in which step it failed; its cause says why."""
    cause = error.__cause__ or error
    return (str(cause).strip().splitlines() or [""])[0][:200]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks, torchvision is missing among them."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
