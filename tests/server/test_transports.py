"""Which transport is opened, and what the native one may do without asking Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from serving import running

from vajra_onnx.client import Client
from vajra_onnx.errors import ServerError
from vajra_onnx.server import Server
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.server.transports.grpcio import GrpcioTransport

ROW = np.zeros((1, 3))
ONE, NONE = new_token(), new_token()


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    (tmp_path / "tokens").write_text(line("one", ONE, ["model:mat*"]) + "\n" + line("none", NONE, ["model:other"]) + "\n")
    return Tokens(tmp_path / "tokens")


def test_auto_takes_native_where_it_is_installed(tokens: Tokens) -> None:
    native = pytest.importorskip("vajra_onnx.server.transports.native")
    server = Server(transport="auto", tokens=tokens)
    try:
        assert isinstance(server.transport, native.NativeTransport)
    finally:
        server.stop()


def test_grpcio_is_taken_where_it_is_asked_for(tokens: Tokens) -> None:
    server = Server(transport="grpcio", tokens=tokens)
    try:
        assert isinstance(server.transport, GrpcioTransport)
    finally:
        server.stop()


def test_native_asks_python_once_for_those_who_may_and_always_for_those_who_may_not(repository: Path, tokens: Tokens) -> None:
    pytest.importorskip("vajra_onnx_native")
    with running(repository / "matrix", transport="native", tokens=tokens) as server:
        _, session = server.models.find("matrix", "")
        asked, run_feeds = [], session.run_feeds
        session.run_feeds = lambda *arguments: asked.append(1) or run_feeds(*arguments)  # type: ignore[method-assign,func-returns-value]
        with Client(server.address, token=ONE) as one, Client(server.address, token=NONE) as none:
            for _ in range(5):
                assert one.run("matrix", ROW)["predict"].shape == (1,)
                with pytest.raises(ServerError, match="the token 'none' has no scope for model 'matrix'"):
                    none.run("matrix", ROW)
        assert len(asked) == 1
