"""What the two clients share: channel options, the service's methods on a channel, requests, answers and errors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import grpc
import numpy as np

from ..errors import InputError, ServerError, VajraError
from ..frames.text import decoded
from ..runtime.feeds import Feeder
from ..schema import METADATA_KEY, Schema
from ..wire import codec
from ..wire.service import METHODS
from ..wire.stubs.open_inference_pb2 import ModelInferRequest, ModelInferResponse, ModelMetadataResponse
from .security import TLS

Version = int | str | None

# gRPC itself makes at most five attempts.
MOST_RETRIES = 4
# A request that is larger than gRPC's buffer for retries would silently not be retried.
RETRY_BUFFER = 256 << 20


def channel_options(retries: int) -> list[tuple[str, Any]]:
    """No limit on message sizes, a connection that is tried again soon, and retries of UNAVAILABLE alone."""
    if not 0 <= retries <= MOST_RETRIES:
        raise ValueError(f"expected 0 to {MOST_RETRIES} retries, got {retries}")
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.per_rpc_retry_buffer_size", RETRY_BUFFER),
        ("grpc.enable_retries", int(retries > 0)),
    ]
    if retries:
        policy = {
            "maxAttempts": retries + 1,
            "initialBackoff": "0.1s",
            "maxBackoff": "1s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
        options.append(("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": policy}]})))
    return options


def channel(grpc_module: Any, target: str, retries: int, tls: TLS | None) -> Any:
    """A channel of `grpc` or of `grpc.aio`."""
    options = channel_options(retries)
    if tls is None:
        return grpc_module.insecure_channel(target, options=options)
    return grpc_module.secure_channel(target, tls.credentials(), options=[*options, *tls.options()])


def unary_calls(channel: Any) -> dict[str, Any]:
    """The unary methods of the service by name, on a sync or an async channel."""
    return {
        name: channel.unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        for name, method in METHODS.items()
        if not method.stream
    }


def version_text(version: Version) -> str:
    """A version as the protocol writes it; "" is the latest that is ready."""
    return "" if version is None else str(version)


def schema_of(metadata: ModelMetadataResponse) -> Schema:
    """The schema that our server sends along. Raises ServerError for a model of another server."""
    text = metadata.properties.get(METADATA_KEY)
    if text is None:
        hint = "only models that vajra-onnx serves have one; use a plain Open Inference Protocol client"
        raise ServerError(f"model {metadata.name!r} has no schema", hint=hint)
    return Schema.from_json(text)


def request_of(model: str, feeder: Feeder, data: Any, outputs: Iterable[str] | None, version: Version) -> ModelInferRequest:
    """The request for these rows. Raises InputError for data that does not fit the schema."""
    return codec.infer_request(model, feeder(data), outputs or (), version_text(version))


def answers_of(response: ModelInferResponse) -> dict[str, np.ndarray]:
    """Answers by output name, as `Session.run` gives them: missing values in text are what they were before the wire."""
    answers = codec.read_outputs(response)
    return {name: decoded(array) if array.dtype == object else array for name, array in answers.items()}


def error_of(error: grpc.RpcError, target: str, timeout: float) -> VajraError:
    """InputError with the server's text for INVALID_ARGUMENT, ServerError for anything else."""
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return InputError(details)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return ServerError(expected=f"an answer within {timeout:g} s", got="none", where=target)
    return ServerError(details or code.name, where=target)
