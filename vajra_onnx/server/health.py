"""grpc.health.v1: Check and Watch, for the server ("") and for every model by its name.

A watcher costs no thread. Every message to a watcher is sent from one thread, in order, so a watcher that does not read can
delay other watchers but neither Check nor the server.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from .messages import Handler, parse

SERVICE = "grpc.health.v1.Health"
Send = Callable[[Any], None]


class Health:
    """The states, and who watches them."""

    def __init__(self) -> None:
        self._states: dict[str, int] = {"": HealthCheckResponse.NOT_SERVING}
        self._watchers: dict[Send, str] = {}  # only the sender's thread touches it
        self._sender = ThreadPoolExecutor(1, "health")

    def set(self, service: str, serving: bool) -> None:
        """Change a state, and tell its watchers when it is new."""
        state = HealthCheckResponse.SERVING if serving else HealthCheckResponse.NOT_SERVING
        if self._states.get(service) != state:
            self._states[service] = state
            self._sender.submit(self._tell, service, state)

    def close(self) -> Future[None]:
        """NOT_SERVING for everything, then the end of every watch."""
        for service in self._states:
            self.set(service, False)
        return self._sender.submit(self._end_all)

    def handlers(self) -> dict[str, Handler]:
        """By full method name; they take bytes (see `messages`)."""
        write = HealthCheckResponse.SerializeToString

        def watch(message: bytes, context: grpc.ServicerContext, send: Send) -> None:
            self._watch(message, context, send)

        # grpcio's way to keep a stream open without a thread, made for its own health service.
        watch.experimental_non_blocking = True  # type: ignore[attr-defined]
        return {
            f"/{SERVICE}/Check": grpc.unary_unary_rpc_method_handler(self._check, response_serializer=write),
            f"/{SERVICE}/Watch": grpc.unary_stream_rpc_method_handler(watch, response_serializer=write),
        }

    def _check(self, message: bytes, context: grpc.ServicerContext) -> HealthCheckResponse:
        request = parse(HealthCheckRequest, message, context)
        if request.service not in self._states:
            context.abort(grpc.StatusCode.NOT_FOUND, f"unknown service {request.service!r}")
        return HealthCheckResponse(status=self._states[request.service])

    def _watch(self, message: bytes, context: grpc.ServicerContext, send: Send) -> None:
        service = parse(HealthCheckRequest, message, context).service

        def end() -> None:
            self._sender.submit(self._watchers.pop, send, "")

        self._sender.submit(self._begin, service, send)
        if not context.add_callback(end):
            end()

    def _begin(self, service: str, send: Send) -> None:
        self._watchers[send] = service
        send(HealthCheckResponse(status=self._states.get(service, HealthCheckResponse.SERVICE_UNKNOWN)))

    def _tell(self, service: str, state: int) -> None:
        for send in [send for send, name in self._watchers.items() if name == service]:
            send(HealthCheckResponse(status=state))

    def _end_all(self) -> None:
        for send in list(self._watchers):
            send(None)
