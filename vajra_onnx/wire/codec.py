"""Requests and responses to and from named arrays, for both ends of the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from . import tensors
from .stubs.open_inference_pb2 import ModelInferRequest, ModelInferResponse


def infer_request(
    model: str, feeds: Mapping[str, np.ndarray], outputs: Iterable[str] = (), version: str = "", request_id: str = ""
) -> ModelInferRequest:
    """The request for these inputs, raw; no `outputs` asks for all of them."""
    request = ModelInferRequest(model_name=model, model_version=version, id=request_id)
    for name, array in feeds.items():
        datatype, raw = tensors.encode(array)
        request.inputs.add(name=name, datatype=datatype, shape=array.shape)
        request.raw_input_contents.append(raw)
    for name in outputs:
        request.outputs.add(name=name)
    return request


def read_inputs(request: ModelInferRequest) -> dict[str, np.ndarray]:
    """The input arrays by name. Raises InputError for contents that are not what they say (see `tensors`)."""
    return _read(request.inputs, request.raw_input_contents, "inputs", "raw_input_contents")


def requested_outputs(request: ModelInferRequest) -> list[str]:
    """The names of the outputs that the request wants; none means all."""
    if not request.outputs:
        return []
    for output in request.outputs:
        _refuse_parameters(output, f"$.outputs[{output.name!r}]")
    names = [output.name for output in request.outputs]
    if len(set(names)) < len(names):
        raise InputError("an output is requested twice", got=str(names), where="$.outputs")
    return names


def infer_response(model: str, version: str, request_id: str, answers: Mapping[str, np.ndarray]) -> ModelInferResponse:
    """The response with these outputs, raw whatever the request's contents were, as Triton answers."""
    response = ModelInferResponse(model_name=model, model_version=version, id=request_id)
    for name, array in answers.items():
        datatype, raw = tensors.encode(array)
        response.outputs.add(name=name, datatype=datatype, shape=array.shape)
        response.raw_output_contents.append(raw)
    return response


def read_outputs(response: ModelInferResponse) -> dict[str, np.ndarray]:
    """The output arrays by name; typed contents are read too, for servers that answer with them."""
    return _read(response.outputs, response.raw_output_contents, "outputs", "raw_output_contents")


def _read(described: Any, raw: Any, side: str, raw_field: str) -> dict[str, np.ndarray]:
    if raw and len(raw) != len(described):
        raise InputError(expected=f"{len(described)} entries, one per tensor", got=str(len(raw)), where=f"$.{raw_field}")
    arrays: dict[str, np.ndarray] = {}
    for index, tensor in enumerate(described):
        name = tensor.name
        where = f"$.{side}[{name!r}]"
        if tensor.parameters:
            _refuse_parameters(tensor, where)
        if name in arrays:
            raise InputError("a tensor comes twice", where=where)
        if not raw:
            arrays[name] = tensors.decode_typed(tensor.datatype, tensor.shape, tensor.contents, where)
        elif tensor.HasField("contents") and tensor.contents.ListFields():
            raise InputError(expected=f"{raw_field} or typed contents", got="both", where=where)
        else:
            arrays[name] = tensors.decode(tensor.datatype, tensor.shape, raw[index], where)
    return arrays


def _refuse_parameters(tensor: Any, where: str) -> None:
    """Parameters that would change what a tensor means: contents in shared memory, classes in place of numbers."""
    for key in tensor.parameters:
        if key == "classification" or key.startswith("shared_memory"):
            raise InputError(expected="contents in the message", got=f"parameter {key!r}", where=where)
