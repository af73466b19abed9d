"""One server for the tests that only ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from serving import fill, running

from vajra_onnx.server import Server
from vajra_onnx.wire.service import METHODS


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """people 1 and 2, matrix, echo, strict."""
    folder = tmp_path_factory.mktemp("repository")
    fill(folder)
    return folder


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


class Protocol:
    """The protocol's unary methods: `protocol("ModelInfer", request)`, `protocol.refusal("ModelInfer", request)`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def __call__(self, name: str, request: Any) -> Any:
        method = METHODS[name]
        call = self._channel.unary_unary(method.path, lambda m: m.SerializeToString(), method.response.FromString)
        return call(request, timeout=10)

    def refusal(self, name: str, request: Any) -> tuple[grpc.StatusCode, str]:
        """The status and the text of a request that must be refused."""
        with pytest.raises(grpc.RpcError) as refused:
            self(name, request)
        return refused.value.code(), refused.value.details()


@pytest.fixture(scope="module")
def protocol(channel: grpc.Channel) -> Protocol:
    """The protocol on `channel`."""
    return Protocol(channel)
