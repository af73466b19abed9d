"""From a call's method to its handler, and the reasons to refuse a call at once: no token, shutting down, too much to do.

Inference, on streams too, runs in the workers' pool: a call has a thread while its message arrives, while it waits for its model
and while it runs. The pool's pending calls are what a shutdown waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import grpc

from ....wire.service import METHODS
from ...service import Service
from .arrivals import Arrivals
from .messages import STATUS, Handler, caller_of, finish, streaming_caller_of

STREAMS = 64
GOING = "the server is shutting down"


class Calls(ThreadPoolExecutor):
    """A pool that knows its pending calls, those that no thread has begun included."""

    def __init__(self, workers: int, name: str) -> None:
        super().__init__(workers, name)
        self.pending: set[Future[Any]] = set()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As ThreadPoolExecutor.submit."""
        future = super().submit(work, *args, **kwargs)
        self.pending.add(future)
        future.add_done_callback(self.pending.discard)
        return future

    def _adjust_thread_count(self) -> None:
        """Without another thread (a container's limit, most likely) those that there are do the work. Raised from here, the
        error would end grpcio's own thread, and with it the server."""
        with suppress(RuntimeError):
            super()._adjust_thread_count()


class Router(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Finds a call's handler. draining: refuse new inference calls. limit: pending calls beyond which more are refused."""

    def __init__(self, service: Service, arrivals: Arrivals, workers: Calls, streams: Calls, limit: int) -> None:
        self.draining = False
        self._service, self._arrivals = service, arrivals
        self._workers, self._streams, self._limit = workers, streams, limit
        self.handlers = {path: self._unary(path) for path in service.paths}
        self.handlers[METHODS["ModelStreamInfer"].path] = self._infer_stream()
        self._refusals = ThreadPoolExecutor(1, "refusal")
        self._draining = self._refusal(grpc.StatusCode.UNAVAILABLE, GOING)
        self._busy = self._refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, f"more than {limit} requests are waiting")

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """The handler of a call; asked in grpcio's own thread when the call arrives."""
        method = handler_call_details.method
        handler = self.handlers.get(method)
        if handler is None:
            return None
        if self._service.access.guarded:
            unknown = self._service.unknown_caller(method, dict(handler_call_details.invocation_metadata))
            if unknown is not None:
                return self._refusal(STATUS[unknown.code], unknown.message)
        if not method.startswith("/inference."):
            return handler
        if self.draining:
            return self._draining
        pool, limit = (self._streams, STREAMS) if handler.response_streaming else (self._workers, self._limit)
        return self._busy if len(pool.pending) >= limit else handler

    def _unary(self, path: str) -> Handler:
        def handle(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
            message = self._arrivals.only(messages, context)
            return finish(self._service.answer(path, message, caller_of(context)), context)

        return grpc.stream_unary_rpc_method_handler(handle)

    def _infer_stream(self) -> Handler:
        def answer(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            caller = streaming_caller_of(context)
            for message in messages:
                if self.draining:
                    context.abort(grpc.StatusCode.UNAVAILABLE, GOING)
                yield finish(self._workers.submit(self._service.stream_answer, message, caller).result(), context)

        vars(answer)["experimental_thread_pool"] = self._streams
        return grpc.stream_stream_rpc_method_handler(answer)

    def _refusal(self, code: grpc.StatusCode, details: str) -> Handler:
        """Ends a call of any kind without waiting for its message or for a worker."""

        def refuse(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            context.abort(code, details)

        vars(refuse)["experimental_thread_pool"] = self._refusals
        return grpc.stream_stream_rpc_method_handler(refuse)
