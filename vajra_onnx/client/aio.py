"""AsyncClient: `Client`, awaited."""

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


class AsyncClient:
    """A connection to a server for one event loop: make it in a coroutine. Arguments as those of `Client`.

    Close it, or use it as an asynchronous context manager.
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
        self._channel = calls.channel(grpc.aio, target, retries, tls_of(tls))
        self._calls = calls.unary_calls(self._channel)
        self._feeders: dict[tuple[str, Version], Feeder] = {}

    async def run(
        self,
        model: str,
        data: Any,
        outputs: Iterable[str] | None = None,
        *,
        version: Version = None,
        timeout: float | None = None,
    ) -> dict[str, np.ndarray]:
        """As `Client.run`."""
        key = model, version
        try:
            if key not in self._feeders:
                self._feeders[key] = Feeder(await self.schema(model, version))
            request = calls.request_of(model, self._feeders[key], data, outputs, version)
            return calls.answers_of(await self._call("ModelInfer", request, timeout))
        except InputError:
            self._feeders.pop(key, None)  # another model may have taken its place: ask for the schema again
            raise

    async def schema(self, model: str, version: Version = None) -> Schema:
        """As `Client.schema`."""
        return calls.schema_of(await self.metadata(model, version))

    async def metadata(self, model: str, version: Version = None) -> pb.ModelMetadataResponse:
        """As `Client.metadata`."""
        response: pb.ModelMetadataResponse = await self._call(
            "ModelMetadata", pb.ModelMetadataRequest(name=model, version=calls.version_text(version))
        )
        return response

    async def server_metadata(self) -> pb.ServerMetadataResponse:
        """As `Client.server_metadata`."""
        response: pb.ServerMetadataResponse = await self._call("ServerMetadata", pb.ServerMetadataRequest())
        return response

    async def live(self) -> bool:
        """As `Client.live`."""
        return bool((await self._call("ServerLive", pb.ServerLiveRequest())).live)

    async def ready(self, model: str | None = None, version: Version = None) -> bool:
        """As `Client.ready`."""
        if model is None:
            return bool((await self._call("ServerReady", pb.ServerReadyRequest())).ready)
        request = pb.ModelReadyRequest(name=model, version=calls.version_text(version))
        return bool((await self._call("ModelReady", request)).ready)

    async def close(self) -> None:
        """End the connection; calls in flight are cancelled."""
        await self._channel.close(None)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _call(self, method: str, request: Any, timeout: float | None = None) -> Any:
        seconds = self._timeout if timeout is None else timeout
        try:
            return await self._calls[method](request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise calls.error_of(error, self._target, seconds) from None
