"""Server reflection: tools such as grpcurl find the services and their messages without a .proto file."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import SERVICE_NAME, ReflectionServicer

from ....wire import service
from ....wire.stubs import open_inference_pb2
from ...health import SERVICE as HEALTH
from .messages import Handler, parse

# The messages of v1 and v1alpha are the same on the wire.
NAMES = (SERVICE_NAME, "grpc.reflection.v1.ServerReflection")


def servicer() -> Any:
    """Answers with the services that a server has, whatever carries them."""
    described = DescriptorPool()
    for module in (open_inference_pb2, health_pb2, reflection_pb2):
        described.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    return ReflectionServicer([service.NAME, HEALTH, SERVICE_NAME], pool=described)


def handlers(pool: ThreadPoolExecutor) -> dict[str, Handler]:
    """By full method name; they take bytes (see `messages`), and a call occupies a thread of `pool` as long as it is open."""
    answers = servicer()

    def answer(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[Any]:
        requests = (parse(reflection_pb2.ServerReflectionRequest, m, context) for m in messages)
        yield from answers.ServerReflectionInfo(requests, context)

    vars(answer)["experimental_thread_pool"] = pool
    write = reflection_pb2.ServerReflectionResponse.SerializeToString
    handler = grpc.stream_stream_rpc_method_handler(answer, response_serializer=write)
    return {f"/{name}/ServerReflectionInfo": handler for name in NAMES}
