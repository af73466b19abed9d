"""grpc.health.v1 and reflection, with the clients that grpcio itself ships."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse
from serving import running

from vajra_onnx.client import Client
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("service", ["", "inference.GRPCInferenceService", "people", "echo"])
def test_check(channel: grpc.Channel, service: str) -> None:
    assert HealthStub(channel).Check(HealthCheckRequest(service=service), timeout=10).status == SERVING


def test_check_of_an_unknown_service_is_not_found(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        HealthStub(channel).Check(HealthCheckRequest(service="nobody"), timeout=10)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("method", ["Check", "Watch"])
def test_garbage_is_an_invalid_argument(channel: grpc.Channel, method: str) -> None:
    path = f"/grpc.health.v1.Health/{method}"
    with pytest.raises(grpc.RpcError) as refused:
        list(channel.unary_stream(path)(b"\xff\xff", timeout=10))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def statuses(stub: Any, service: str) -> Iterator[int]:
    for response in stub.Watch(HealthCheckRequest(service=service), timeout=20):
        yield response.status


def test_watchers_hear_of_changes_and_of_the_end(repository: Path, transport: str) -> None:
    with running(repository / "matrix", transport=transport) as server, grpc.insecure_channel(server.address) as channel:
        watches = [statuses(HealthStub(channel), service) for service in ("", "matrix")]
        unknown = statuses(HealthStub(channel), "later")
        assert [next(watch) for watch in watches] == [SERVING, SERVING]
        assert next(unknown) == HealthCheckResponse.SERVICE_UNKNOWN
        server.health.set("later", True)
        assert next(unknown) == SERVING
        server.health.set("matrix", False)
        assert next(watches[1]) == NOT_SERVING
        assert server.drain()
        assert [list(watch) for watch in [*watches, unknown]] == [[NOT_SERVING], [], [NOT_SERVING]]


def test_watchers_take_no_worker(repository: Path, transport: str) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running(repository / "matrix", workers=2, transport=transport))
        client = stack.enter_context(Client(server.address))
        channel = stack.enter_context(grpc.insecure_channel(server.address))
        watches = [statuses(HealthStub(channel), "") for _ in range(10)]
        assert [next(watch) for watch in watches] == [SERVING] * 10
        assert client.ready("matrix")


def test_a_server_that_is_still_loading_is_not_ready(repository: Path, transport: str) -> None:
    from vajra_onnx.server import Server

    server = Server(transport=transport)
    try:
        with grpc.insecure_channel(server.address) as channel, Client(server.address) as client:
            watch = statuses(HealthStub(channel), "")
            assert next(watch) == NOT_SERVING
            manager = server.open(repository)
            assert client.live()
            assert not client.ready()
            assert not client.ready("matrix")
            manager.load_all()
            server.announce()
            assert next(watch) == SERVING
            assert client.ready()
    finally:
        server.stop()


def test_reflection_describes_every_service(channel: grpc.Channel) -> None:
    database = ProtoReflectionDescriptorDatabase(channel)
    assert set(database.get_services()) == {
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "inference.GRPCInferenceService",
    }
    pool = DescriptorPool(database)
    service = pool.FindServiceByName("inference.GRPCInferenceService")
    assert [m.name for m in service.methods] == [m.name for m in pb.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods]
    assert pool.FindMessageTypeByName("inference.ModelInferRequest").fields_by_name["raw_input_contents"].number == 7
    assert pool.FindMessageTypeByName("grpc.health.v1.HealthCheckRequest")


def test_reflection_answers_under_its_newer_name_too(channel: grpc.Channel) -> None:
    ask = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ServerReflectionRequest.SerializeToString,
        ServerReflectionResponse.FromString,
    )
    (answer,) = ask(iter([ServerReflectionRequest(list_services="")]), timeout=10)
    assert len(answer.list_services_response.service) == 3
