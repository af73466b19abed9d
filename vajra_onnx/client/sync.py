"""Client: a served model with the same `run` as a session."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import numpy as np

from ..errors import InputError
from ..runtime.feeds import Feeder
from ..schema import Schema
from ..wire.stubs import open_inference_pb2 as pb
from . import calls
from .calls import Version
from .security import TLS, bearer, tls_of


class Client:
    """A connection to a server. Thread-safe; close it, or use it as a context manager.

    target: "host:port". timeout: seconds that a call may take, retries included. retries: how often a call is tried again
    when the server is UNAVAILABLE (0 to 4; waits 0.1 s, 0.2 s, ...); no other failure is retried. tls: True, the PEM file
    of the authority that signed the server's certificate, or a `TLS` with more. token: what `vajra-onnx token` printed.
    """

    def __init__(
        self,
        target: str,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        tls: bool | str | Path | TLS = False,
        token: str | None = None,
    ) -> None:
        self._target, self._timeout = target, timeout
        self._metadata = bearer(token)
        self._channel = calls.channel(grpc, target, retries, tls_of(tls))
        self._calls = calls.unary_calls(self._channel)
        self._feeders: dict[tuple[str, Version], Feeder] = {}

    def run(
        self,
        model: str,
        data: Any,
        outputs: Iterable[str] | None = None,
        *,
        version: Version = None,
        timeout: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Answers by output name, one row per input row; the same as `Session.run` on the model's file.

        data: a DataFrame, a dict of columns, a dict row, a list of dict rows, an array [N, F], or texts (a list, Series or
        array [N]) for a model of one column of text. outputs: names; all by default. version: the latest that is ready by
        default. timeout: seconds.
        Raises InputError for data that does not fit the schema or that the original model refuses, ServerError when the
        model or the version does not exist, and when the server does not answer.
        """
        key = model, version
        try:
            if key not in self._feeders:
                self._feeders[key] = Feeder(self.schema(model, version))
            request = calls.request_of(model, self._feeders[key], data, outputs, version)
            return calls.answers_of(self._call("ModelInfer", request, timeout))
        except InputError:
            self._feeders.pop(key, None)  # another model may have taken its place: ask for the schema again
            raise

    def schema(self, model: str, version: Version = None) -> Schema:
        """The model's inputs and outputs."""
        return calls.schema_of(self.metadata(model, version))

    def metadata(self, model: str, version: Version = None) -> pb.ModelMetadataResponse:
        """The protocol's metadata: versions, platform, tensors, properties. Raises ServerError for an unknown model."""
        response: pb.ModelMetadataResponse = self._call(
            "ModelMetadata", pb.ModelMetadataRequest(name=model, version=calls.version_text(version))
        )
        return response

    def server_metadata(self) -> pb.ServerMetadataResponse:
        """The server's name, version and extensions."""
        response: pb.ServerMetadataResponse = self._call("ServerMetadata", pb.ServerMetadataRequest())
        return response

    def live(self) -> bool:
        """Whether the server answers at all. Raises ServerError when it cannot be reached."""
        return bool(self._call("ServerLive", pb.ServerLiveRequest()).live)

    def ready(self, model: str | None = None, version: Version = None) -> bool:
        """Whether the server, or this model, takes requests now; False for a model that does not exist."""
        if model is None:
            return bool(self._call("ServerReady", pb.ServerReadyRequest()).ready)
        request = pb.ModelReadyRequest(name=model, version=calls.version_text(version))
        return bool(self._call("ModelReady", request).ready)

    def close(self) -> None:
        """End the connection; calls in flight are cancelled."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _call(self, method: str, request: Any, timeout: float | None = None) -> Any:
        seconds = self._timeout if timeout is None else timeout
        try:
            return self._calls[method](request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise calls.error_of(error, self._target, seconds) from None
