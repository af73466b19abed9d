"""grpc.health.v1 over grpcio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from ...health import SERVICE, Health, State
from .arrivals import Arrivals
from .messages import Handler, parse


def handlers(health: Health, arrivals: Arrivals) -> dict[str, Handler]:
    """By full method name; they take bytes (see `messages`)."""
    write = HealthCheckResponse.SerializeToString

    def check(messages: Iterator[bytes], context: grpc.ServicerContext) -> HealthCheckResponse:
        request = parse(HealthCheckRequest, arrivals.only(messages, context), context)
        state = health.of(request.service)
        if state is State.UNKNOWN:
            context.abort(grpc.StatusCode.NOT_FOUND, f"unknown service {request.service!r}")
        return HealthCheckResponse(status=int(state))

    def watch(messages: Iterator[bytes], context: grpc.ServicerContext, send: Callable[[Any], None]) -> None:
        service = parse(HealthCheckRequest, arrivals.only(messages, context), context).service
        end = health.watch(service, lambda state: send(state and HealthCheckResponse(status=int(state))))
        if not context.add_callback(end):
            end()

    # grpcio's way to keep a stream open without a thread, made for its own health service.
    watch.experimental_non_blocking = True  # type: ignore[attr-defined]
    return {
        f"/{SERVICE}/Check": grpc.stream_unary_rpc_method_handler(check, response_serializer=write),
        f"/{SERVICE}/Watch": grpc.stream_stream_rpc_method_handler(watch, response_serializer=write),
    }
