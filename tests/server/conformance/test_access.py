"""Who may call what: TLS, client certificates, tokens and their scopes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from pki import Authority
from serving import running

from vajra_onnx.client import TLS, AsyncClient, Client
from vajra_onnx.errors import ServerError
from vajra_onnx.server import Server
from vajra_onnx.server.tls import Certificates
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.server.watched import SECONDS
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

ROW = np.zeros((1, 3))
INFER = codec.infer_request("matrix", {"X": ROW})
CODE = grpc.StatusCode
TOKENS = {name: new_token() for name in ("all", "some", "chief", "stranger")}
SCOPES = {"all": ["model:*"], "some": ["model:mat*"], "chief": ["model:people", "admin"]}


@pytest.fixture(scope="module")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokens") / "tokens"
    path.write_text("# who\n\n" + "\n".join(line(name, TOKENS[name], scopes) for name, scopes in SCOPES.items()) + "\n")
    return path


@pytest.fixture(scope="module")
def guarded(repository: Path, transport: str, token_file: Path) -> Iterator[Server]:
    with running(repository, transport=transport, tokens=Tokens(token_file)) as one:
        yield one


class Caller:
    """Calls with somebody's token, or with none."""

    def __init__(self, server: Server, authorization: str | None) -> None:
        self._channel = grpc.insecure_channel(server.address)
        self._metadata = () if authorization is None else (("authorization", authorization),)

    def __call__(self, name: str, request: Any) -> Any:
        method = METHODS[name]
        call = self._channel.unary_unary(method.path, lambda m: m.SerializeToString(), method.response.FromString)
        return call(request, timeout=10, metadata=self._metadata)

    def code(self, name: str, request: Any) -> grpc.StatusCode:
        try:
            self(name, request)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        return CODE.OK


def bearer(name: str) -> str:
    return f"Bearer {TOKENS[name]}"


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nothing", "stranger", pytest.param(bearer("stranger"), id="unknown")],
)
@pytest.mark.parametrize("method", sorted(set(METHODS) - {"ServerLive", "ServerReady", "ModelStreamInfer"}))
def test_without_a_token_nothing_is_told(guarded: Server, authorization: str | None, method: str) -> None:
    caller = Caller(guarded, authorization)
    assert caller.code(method, METHODS[method].request()) is CODE.UNAUTHENTICATED


def test_what_probes_ask_is_open(guarded: Server) -> None:
    nobody = Caller(guarded, None)
    assert nobody("ServerLive", pb.ServerLiveRequest()).live
    assert nobody("ServerReady", pb.ServerReadyRequest()).ready
    with grpc.insecure_channel(guarded.address) as channel:
        status = HealthStub(channel).Check(HealthCheckRequest(service="matrix"), timeout=10).status
        assert status == HealthCheckResponse.SERVING


def test_reflection_and_streams_are_not(guarded: Server) -> None:
    with grpc.insecure_channel(guarded.address) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            ProtoReflectionDescriptorDatabase(channel).get_services()
        assert refused.value.code() is CODE.UNAUTHENTICATED
        with pytest.raises(grpc.RpcError) as refused:
            list(channel.stream_stream(METHODS["ModelStreamInfer"].path)(iter([b""]), timeout=10))
        assert refused.value.code() is CODE.UNAUTHENTICATED


def test_a_token_opens_its_models_and_no_others(guarded: Server) -> None:
    some = Caller(guarded, bearer("some"))
    assert some.code("ModelInfer", INFER) is CODE.OK
    for name in ("people", "nobody"):
        with pytest.raises(grpc.RpcError) as refused:
            some("ModelInfer", codec.infer_request(name, {}))
        assert refused.value.code() is CODE.PERMISSION_DENIED
        assert refused.value.details() == f"the token 'some' has no scope for model {name!r}"
    for method in ("ModelMetadata", "ModelConfig", "ModelStatistics", "ModelReady"):
        assert some.code(method, METHODS[method].request(name="people")) is CODE.PERMISSION_DENIED
        assert some.code(method, METHODS[method].request(name="matrix")) is CODE.OK
    assert Caller(guarded, "bearer   " + TOKENS["all"]).code("ModelInfer", INFER) is CODE.OK


def test_lists_show_the_callers_models_alone(guarded: Server) -> None:
    some, everything = Caller(guarded, bearer("some")), Caller(guarded, bearer("all"))
    assert {m.name for m in some("RepositoryIndex", pb.RepositoryIndexRequest()).models} == {"matrix"}
    assert {m.name for m in some("ModelStatistics", pb.ModelStatisticsRequest()).model_stats} == {"matrix"}
    assert len({m.name for m in everything("RepositoryIndex", pb.RepositoryIndexRequest()).models}) == 4
    with pytest.raises(grpc.RpcError) as unknown:
        some("ModelInfer", codec.infer_request("matter", {}))
    assert (unknown.value.code(), unknown.value.details()) == (CODE.NOT_FOUND, "unknown model 'matter'")


@pytest.mark.parametrize("method", ["RepositoryModelLoad", "RepositoryModelUnload"])
def test_loading_needs_the_admin_scope(guarded: Server, method: str) -> None:
    request = METHODS[method].request
    assert Caller(guarded, bearer("all")).code(method, request(model_name="people")) is CODE.PERMISSION_DENIED
    assert Caller(guarded, bearer("chief")).code(method, request(model_name="matrix")) is CODE.PERMISSION_DENIED
    assert Caller(guarded, bearer("chief")).code(method, request(model_name="people")) is not CODE.PERMISSION_DENIED


def test_a_stream_is_checked_message_by_message(guarded: Server) -> None:
    method = METHODS["ModelStreamInfer"]
    with grpc.insecure_channel(guarded.address) as channel:
        call = channel.stream_stream(method.path, lambda m: m.SerializeToString(), method.response.FromString)
        requests = [INFER, codec.infer_request("people", {}, request_id="b"), INFER]
        answers = list(call(iter(requests), timeout=10, metadata=(("authorization", bearer("some")),)))
    assert [a.error_message for a in answers] == ["", "the token 'some' has no scope for model 'people'", ""]


def test_a_token_that_is_withdrawn_opens_no_more(repository: Path, transport: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(line("one", TOKENS["all"], ["model:*"]))
    with running(repository / "matrix", transport=transport, tokens=Tokens(path)) as server:
        caller = Caller(server, bearer("all"))
        assert caller.code("ModelInfer", INFER) is CODE.OK
        path.write_text("half a li")
        time.sleep(SECONDS + 0.1)
        assert caller.code("ModelInfer", INFER) is CODE.OK
        path.write_text(line("two", TOKENS["some"], ["model:*"]))
        time.sleep(SECONDS + 0.1)
        assert caller.code("ModelInfer", INFER) is CODE.UNAUTHENTICATED
        assert Caller(server, bearer("some")).code("ModelInfer", INFER) is CODE.OK


def test_the_clients_carry_a_token(guarded: Server) -> None:
    import asyncio

    with Client(guarded.address, token=TOKENS["all"]) as client:
        assert client.run("matrix", ROW)["predict"].shape == (1,)
    with Client(guarded.address) as client, pytest.raises(ServerError, match="a token is needed"):
        client.run("matrix", ROW)

    async def ask() -> Any:
        async with AsyncClient(guarded.address, token=TOKENS["some"]) as client:
            return await client.run("matrix", ROW)

    assert asyncio.run(ask())["predict"].shape == (1,)


def test_tls(repository: Path, transport: str, tmp_path: Path, token_file: Path) -> None:
    import asyncio

    authority = Authority(tmp_path)
    tls = authority.server()
    with running(repository / "matrix", transport=transport, tls=tls, tokens=Tokens(token_file)) as server:
        for given in (authority.ca, str(authority.ca), TLS(authority.ca)):
            with Client(server.address, tls=given, token=TOKENS["all"]) as client:
                assert client.run("matrix", ROW)["predict"].shape == (1,)
        for wrong in ({}, {"tls": True}, {"tls": Authority(tmp_path, "another").ca}):
            with Client(server.address, retries=0, **wrong) as client, pytest.raises(ServerError):
                client.live()

        async def ask() -> bool:
            async with AsyncClient(server.address, tls=authority.ca) as client:
                return await client.live()

        assert asyncio.run(ask())


def test_mutual_tls_lets_in_its_own_clients_alone(repository: Path, transport: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other").client("mallory")
    with running(repository / "matrix", transport=transport, tls=authority.server(mutual=True)) as server:
        with Client(server.address, tls=authority.client("alice")) as client:
            assert client.run("matrix", ROW)["predict"].shape == (1,)
        for tls in (authority.client(), TLS(authority.ca, stranger.cert, stranger.key)):
            with Client(server.address, tls=tls, retries=0) as client, pytest.raises(ServerError):
                client.live()


def test_a_renewed_certificate_is_used_without_a_restart(repository: Path, transport: str, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    old, new = Authority(tmp_path), Authority(tmp_path / "new")
    with ExitStack() as stack:
        server = stack.enter_context(running(repository / "matrix", transport=transport, tls=old.server()))
        before = stack.enter_context(Client(server.address, tls=old.ca))
        assert before.live()
        cert, key = new.issue("server")
        shutil.copy(cert, tmp_path / "server.pem")  # half of the pair: the old one stays
        time.sleep(SECONDS + 0.1)
        with Client(server.address, tls=old.ca, timeout=5) as client:
            assert client.live()
        shutil.copy(key, tmp_path / "server.key")
        time.sleep(SECONDS + 0.1)
        with Client(server.address, tls=new.ca, timeout=5) as client:
            assert client.live()
        with Client(server.address, tls=old.ca, retries=0) as client, pytest.raises(ServerError):
            client.live()
        assert before.live()


def test_files_that_cannot_be_used_are_refused_at_the_start(tmp_path: Path, transport: str) -> None:
    authority = Authority(tmp_path)
    (cert, key), (_, other) = authority.issue("server"), authority.issue("other")
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense")
    for files, text in {
        (cert, other): "do not make a pair",
        (nonsense, key): "do not make a pair",
        (cert, tmp_path / "none"): "cannot read .*none: No such file",
        (cert, key, nonsense): "the client CA is not a PEM certificate",
    }.items():
        with pytest.raises(ServerError, match=text):
            Server(transport=transport, tls=Certificates(*files))
