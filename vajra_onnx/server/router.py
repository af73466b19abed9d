"""From a call's method to its handler, and the two reasons to refuse a call at once: shutting down, and too much to do.

Handlers take bytes and give bytes (see `messages`). Inference, on streams too, runs in the workers' pool, so `workers` is
what is worked on at once, and the pool's pending calls are what a shutdown waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc

from ..wire.service import METHODS, Method
from ..wire.stubs.open_inference_pb2 import ModelInferRequest, ModelStreamInferResponse
from .messages import Handler, parse
from .status import code_of, details_of

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


class Router(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Finds a call's handler. draining: refuse new inference calls. limit: pending calls beyond which more are refused."""

    def __init__(self, workers: Calls, streams: Calls, limit: int) -> None:
        self.draining = False
        self.handlers: dict[str, Handler] = {}
        self._workers, self._streams, self._limit = workers, streams, limit
        self._refusals = ThreadPoolExecutor(1, "refusal")
        self._draining = self._refusal(grpc.StatusCode.UNAVAILABLE, GOING)
        self._busy = self._refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, f"more than {limit} requests are waiting")

    def add_unary(self, name: str, answer: Callable[[Any], Any]) -> None:
        """Serve a method of the protocol with a function from request to response."""
        self.handlers[METHODS[name].path] = unary(METHODS[name], answer)

    def add_infer_stream(self, infer: Callable[[Any], Any]) -> None:
        """Serve ModelStreamInfer with the function that answers one request."""

        def answer(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            for message in messages:
                request = parse(ModelInferRequest, message, context)
                if self.draining:
                    context.abort(grpc.StatusCode.UNAVAILABLE, GOING)
                yield self._workers.submit(_stream_answer, infer, request).result().SerializeToString()

        vars(answer)["experimental_thread_pool"] = self._streams
        self.handlers[METHODS["ModelStreamInfer"].path] = grpc.stream_stream_rpc_method_handler(answer)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """The handler of a call; asked in grpcio's own thread when the call arrives."""
        method = handler_call_details.method
        handler = self.handlers.get(method)
        if handler is None or not method.startswith("/inference."):
            return handler
        if self.draining:
            return self._draining
        pool, limit = (self._streams, STREAMS) if handler.request_streaming else (self._workers, self._limit)
        return self._busy if len(pool.pending) >= limit else handler

    def _refusal(self, code: grpc.StatusCode, details: str) -> Handler:
        """Ends a call of any kind without waiting for its message or for a worker."""

        def refuse(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            context.abort(code, details)

        vars(refuse)["experimental_thread_pool"] = self._refusals
        return grpc.stream_stream_rpc_method_handler(refuse)


def unary(method: Method, answer: Callable[[Any], Any]) -> Handler:
    """A handler from bytes to bytes; errors become status codes."""

    def handle(message: bytes, context: grpc.ServicerContext) -> bytes:
        request = parse(method.request, message, context)
        try:
            return bytes(answer(request).SerializeToString())
        except Exception as error:
            context.abort(code_of(error), details_of(error))

    return grpc.unary_unary_rpc_method_handler(handle)


def _stream_answer(infer: Callable[[Any], Any], request: Any) -> ModelStreamInferResponse:
    """A refused request answers with its error and its id, and the stream goes on, as Triton does."""
    try:
        return ModelStreamInferResponse(infer_response=infer(request))
    except Exception as error:
        response = ModelStreamInferResponse(error_message=details_of(error))
        response.infer_response.id = request.id
        return response
