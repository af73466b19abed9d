"""Between grpcio's handlers and the service: messages stay bytes, since grpcio leaks about 17 KB for every message that its own
deserializer cannot parse."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from ...caller import Caller
from ...reply import Reply
from ...status import Code

Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, Any]"
STATUS = {code.value[0]: code for code in grpc.StatusCode}


def caller_of(context: grpc.ServicerContext) -> Caller:
    """What grpcio knows of the call. Its callbacks run when a call ends for whatever reason, the deadline's among them."""
    return _caller(context, context.add_callback)


def streaming_caller_of(context: grpc.ServicerContext) -> Caller:
    """The same for a stream: it registers one callback, however many messages there will be."""
    last: list[Callable[[], None]] = [lambda: None]
    context.add_callback(lambda: last[0]())

    def on_end(callback: Callable[[], None]) -> bool:
        last[0] = callback
        return context.is_active()

    return _caller(context, on_end)


def _caller(context: grpc.ServicerContext, on_end: Callable[[Callable[[], None]], bool]) -> Caller:
    left = context.time_remaining()
    deadline = None if left is None else time.monotonic() + left
    return Caller(dict(context.invocation_metadata()), deadline, on_end)


def finish(reply: Reply, context: grpc.ServicerContext) -> bytes:
    """The response's bytes, or the call ends with the refusal's status."""
    if reply.code is not Code.OK:
        context.abort(STATUS[reply.code], reply.message)
    return reply.body


def parse(kind: type[Any], data: bytes, context: grpc.ServicerContext) -> Any:
    """The message of a service that grpcio itself defines, or the call is ended with INVALID_ARGUMENT."""
    try:
        return kind.FromString(data)
    except DecodeError:
        details = f"expected a {kind.DESCRIPTOR.full_name}, got {len(data)} bytes of another kind"
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, details)
