"""One server for the tests that only ask, and each transport in turn for those that are about both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from serving import Protocol, fill, running

from vajra_onnx.server import Server


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """people 1 and 2, matrix, echo, strict."""
    folder = tmp_path_factory.mktemp("repository")
    fill(folder)
    return folder


@pytest.fixture(scope="module", params=["grpcio", "native"])
def transport(request: pytest.FixtureRequest) -> str:
    """The transport's name; native where its wheel is installed."""
    name: str = request.param
    if name == "native":
        pytest.importorskip("vajra_onnx_native", reason="the native transport is not installed (make native)")
    return name


@pytest.fixture(scope="module")
def server(repository: Path) -> Iterator[Server]:
    """A server of `repository`."""
    with running(repository) as one:
        yield one


@pytest.fixture(scope="module")
def channel(server: Server) -> Iterator[grpc.Channel]:
    """A channel to `server`."""
    with grpc.insecure_channel(server.address, options=[("grpc.max_receive_message_length", -1)]) as one:
        yield one


@pytest.fixture(scope="module")
def protocol(channel: grpc.Channel) -> Protocol:
    """The protocol on `channel`."""
    return Protocol(channel)
