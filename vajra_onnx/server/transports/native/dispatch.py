"""Calls that the native server leaves to Python: everything that it does not know, or would have to refuse."""

from __future__ import annotations

import time
from collections.abc import Sequence

import vajra_onnx_native
from google.protobuf.message import DecodeError, Message
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest

from ....wire.service import METHODS
from ...caller import Caller
from ...health import SERVICE, Health, State
from ...reply import Reply
from ...service import Service
from ...status import Code
from ..grpcio.reflection import NAMES, servicer

STREAM = METHODS["ModelStreamInfer"].path
REFLECTION = frozenset(f"/{name}/ServerReflectionInfo" for name in NAMES)
Metadata = Sequence[tuple[str, str]]


class Dispatch:
    """What the native server is given; called from any thread."""

    def __init__(self, service: Service, health: Health) -> None:
        self._service, self._health, self._reflection = service, health, servicer()
        self._paths = {*service.paths, STREAM, *REFLECTION, f"/{SERVICE}/Check", f"/{SERVICE}/Watch"}

    def answer(
        self, path: str, message: bytes, metadata: Metadata, seconds: float | None, number: int, native: vajra_onnx_native.Caller
    ) -> Reply:
        """The reply to a message; never raises.

        seconds: how long the client waits yet; None for as long as it takes. number: the message's place in its call. Streams
        come message by message: at the first the whole call may be refused, as the service's own router does.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        caller = Caller(dict(metadata), deadline, native.on_end)
        if path.startswith(f"/{SERVICE}/"):
            return self._checked(message)
        if path == STREAM or path in REFLECTION:
            refusal = self.refusal(path, metadata) if number == 0 else None
            return refusal or self._streamed(path, message, caller)
        return self._service.answer(path, message, caller)

    def refusal(self, path: str, metadata: Metadata) -> Reply | None:
        """Of a caller who may not call this method at all."""
        if path not in self._paths:
            return Reply(Code.UNIMPLEMENTED, f"unknown method {path!r}", b"")
        return self._service.unknown_caller(path, dict(metadata))

    def permitted(self, path: str, model: str, metadata: Metadata) -> tuple[int, str | None]:
        """How often the tokens had changed, and the name of a caller who may call this method for this model, or None."""
        changes = self._service.access.changes  # before the tokens are asked, so that no old verdict has a new number
        return changes, self._service.permitted(path, model, dict(metadata))

    def _streamed(self, path: str, message: bytes, caller: Caller) -> Reply:
        return self._service.stream_answer(message, caller) if path == STREAM else self._reflected(message)

    def _checked(self, message: bytes) -> Reply:
        """Health of a service that nobody has heard of, or a request that cannot be read."""
        request = HealthCheckRequest()
        if not _read(request, message):
            return _unreadable(request, message)
        state = self._health.of(request.service)
        if state is State.UNKNOWN:
            return Reply(Code.NOT_FOUND, f"unknown service {request.service!r}", b"")
        return Reply(Code.OK, "", HealthCheckResponse(status=int(state)).SerializeToString())

    def _reflected(self, message: bytes) -> Reply:
        request = ServerReflectionRequest()
        if not _read(request, message):
            return _unreadable(request, message)
        (response,) = self._reflection.ServerReflectionInfo(iter([request]), None)
        return Reply(Code.OK, "", response.SerializeToString())


def _read(request: Message, message: bytes) -> bool:
    try:
        request.ParseFromString(message)
    except DecodeError:
        return False
    return True


def _unreadable(request: Message, message: bytes) -> Reply:
    text = f"expected a {request.DESCRIPTOR.full_name}, got {len(message)} bytes of another kind"
    return Reply(Code.INVALID_ARGUMENT, text, b"")
