"""Which transport is opened: never one that would leave a door open."""

from __future__ import annotations

import pytest

from vajra_onnx.errors import ServerError
from vajra_onnx.server import Server
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.server.transports.grpcio import GrpcioTransport


@pytest.fixture
def tokens(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(line("anyone", new_token(), ["model:*"]) + "\n")
    return Tokens(file)


def test_native_is_refused_where_tokens_are_asked_for(tokens):
    with pytest.raises(ServerError, match="neither TLS nor tokens"):
        Server(transport="native", tokens=tokens)


def test_auto_asks_for_tokens_with_the_transport_that_can(tokens):
    server = Server(transport="auto", tokens=tokens)
    try:
        assert isinstance(server.transport, GrpcioTransport)
    finally:
        server.stop()
