"""The clients: the same `run` as a session, over a real connection."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pandas as pd
import pytest
from serving import fill, frame, hold, running

import vajra_onnx as vo
from vajra_onnx import dtypes
from vajra_onnx.client import AsyncClient, Client
from vajra_onnx.errors import InputError, ServerError
from vajra_onnx.runtime.session import load
from vajra_onnx.server import Server
from vajra_onnx.wire.service import METHODS


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def server(repository: Path) -> Iterator[Server]:
    with running(repository) as one:
        yield one


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with Client(server.address) as one:
        yield one


def assert_same(got: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert list(got) == list(expected)
    for name in expected:
        np.testing.assert_array_equal(got[name], expected[name], strict=True)


FORMS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "DataFrame": lambda data: data,
    "columns": lambda data: {name: data[name].tolist() for name in reversed(data.columns)},
    "rows": lambda data: data.to_dict(orient="records"),
    "row": lambda data: data.to_dict(orient="records")[0],
    "no rows": lambda data: data.head(0),
}


@pytest.mark.parametrize("form", FORMS)
def test_data_of_every_form_gets_the_sessions_answers(client: Client, repository: Path, form: str) -> None:
    data = FORMS[form](frame().astype({"weight.kg": "float32"}))
    session = load(repository / "people/2/model.onnx")
    if form in ("rows", "row"):
        data = FORMS[form](frame().assign(**{"weight.kg": 70.0}))
    assert_same(client.run("people", data), session.run(data))


def test_arrays_outputs_and_versions(client: Client, repository: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(9, 3))
    assert_same(client.run("matrix", rows), load(repository / "matrix/1/model.onnx").run(rows))
    assert list(client.run("matrix", rows, ["predict"], version=1)) == ["predict"]
    assert list(client.run("matrix", rows, ["predict_proba"], version="1", timeout=5)) == ["predict_proba"]


def test_missing_and_marked_text_survive_the_wire(client: Client, repository: Path) -> None:
    session = load(repository / "echo/1/model.onnx")
    numbers = [kind for kind in dtypes.DTYPES if kind != "string"]
    data = {kind: np.zeros(4, "datetime64[ns]" if kind == "datetime64" else kind) for kind in numbers}
    data["string"] = np.array(["nan", None, float("nan"), "\ufdd0nan"], dtype=object)
    answers, expected = client.run("echo", data), session.run(data)
    assert repr(answers["string_out"].tolist()) == repr(expected["string_out"].tolist())
    for kind in numbers:
        np.testing.assert_array_equal(answers[f"{kind}_out"].astype(str), expected[f"{kind}_out"].astype(str))


def test_the_schema_is_fetched_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    with Client(server.address) as client:
        monkeypatch.setattr(client, "metadata", lambda *a: asked.append(a) or Client.metadata(client, *a))
        for _ in range(3):
            client.run("matrix", np.zeros((1, 3)))
        assert len(asked) == 1
        with pytest.raises(InputError):
            client.run("matrix", np.zeros((1, 4)))
        client.run("matrix", np.zeros((1, 3)))
        assert len(asked) == 2


def test_data_that_does_not_fit_has_the_sessions_text(client: Client, repository: Path) -> None:
    session = load(repository / "people/2/model.onnx")
    for data in (frame().drop(columns="count"), frame().assign(colour=1), frame().assign(colour="pink")):
        with pytest.raises(InputError) as expected:
            session.run(data)
        with pytest.raises(InputError) as got:
            client.run("people", data)
        assert str(got.value) == str(expected.value)


def test_what_does_not_exist_is_a_server_error(client: Client, server: Server) -> None:
    with pytest.raises(ServerError, match=f"unknown model 'nobody': expected .* - at {server.address}"):
        client.run("nobody", frame())
    with pytest.raises(ServerError, match="unknown version '9' of model 'people'"):
        client.run("people", frame(), version=9)
    with pytest.raises(InputError, match="unknown output"):
        client.run("people", frame(), ["nothing"])


def test_live_ready_schema_and_metadata(client: Client, repository: Path) -> None:
    assert client.live()
    assert client.ready()
    assert client.ready("people", 1)
    assert not client.ready("nobody")
    assert client.schema("people") == load(repository / "people/2/model.onnx").schema
    assert client.metadata("people").platform == "onnxruntime_onnx"
    assert client.server_metadata().name == "vajra-onnx"


def test_many_threads_share_a_client(client: Client, repository: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    session = load(repository / "matrix/1/model.onnx")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda row: client.run("matrix", row[None]), rows))
    for row, answer in zip(rows, answers, strict=True):
        assert_same(answer, session.run(row[None]))


def test_a_timeout_is_a_server_error(repository: Path) -> None:
    with running(repository / "matrix") as server, Client(server.address) as client:
        release = hold(server, "matrix")
        with pytest.raises(ServerError, match=r"expected an answer within 0\.3 s, got none"):
            client.run("matrix", np.zeros((1, 3)), timeout=0.3)
        release.set()


def test_the_public_names() -> None:
    assert vo.Client is Client
    assert vo.AsyncClient is AsyncClient


def test_the_async_client(server: Server, repository: Path) -> None:
    async def ask() -> None:
        async with AsyncClient(server.address) as client:
            data = frame()
            answers = await asyncio.gather(*(client.run("people", data.iloc[i : i + 1]) for i in range(10)))
            session = load(repository / "people/2/model.onnx")
            for i, answer in enumerate(answers):
                assert_same(answer, session.run(data.iloc[i : i + 1]))
            assert await client.live()
            assert await client.ready()
            assert await client.ready("people")
            assert (await client.server_metadata()).name == "vajra-onnx"
            assert (await client.metadata("people")).name == "people"
            with pytest.raises(InputError, match="columns differ"):
                await client.run("people", data.drop(columns="count"))
            with pytest.raises(ServerError, match="unknown model"):
                await client.run("nobody", data)

    asyncio.run(ask())


@contextmanager
def failing(code: grpc.StatusCode, times: int) -> Iterator[tuple[str, list[float]]]:
    """A server whose ServerLive fails `times` times; its address, and when it was asked."""
    asked: list[float] = []

    def answer(message: bytes, context: grpc.ServicerContext) -> bytes:
        asked.append(time.monotonic())
        if len(asked) <= times:
            context.abort(code, "not now")
        return b"\x08\x01"

    handler = grpc.method_handlers_generic_handler(
        "inference.GRPCInferenceService", {"ServerLive": grpc.unary_unary_rpc_method_handler(answer)}
    )
    server = grpc.server(ThreadPoolExecutor(2), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", asked
    finally:
        server.stop(None).wait()


def test_unavailable_is_tried_again_with_growing_pauses() -> None:
    with failing(grpc.StatusCode.UNAVAILABLE, 3) as (address, asked), Client(address) as client:
        assert client.live()
        assert len(asked) == 4
        pauses = np.diff(asked)
        assert pauses[0] > 0.05
        assert pauses[2] > 0.2


def test_unavailable_for_ever_is_a_server_error() -> None:
    with failing(grpc.StatusCode.UNAVAILABLE, 99) as (address, asked), Client(address, retries=2) as client:
        with pytest.raises(ServerError, match=f"not now - at {address}"):
            client.live()
        assert len(asked) == 3


def test_no_retries_when_none_are_wanted() -> None:
    with failing(grpc.StatusCode.UNAVAILABLE, 99) as (address, asked), Client(address, retries=0) as client:
        with pytest.raises(ServerError, match="not now"):
            client.live()
        assert len(asked) == 1


@pytest.mark.parametrize("code", ["INTERNAL", "RESOURCE_EXHAUSTED", "INVALID_ARGUMENT", "NOT_FOUND", "ABORTED"])
def test_no_other_failure_is_tried_again(code: str) -> None:
    with failing(grpc.StatusCode[code], 99) as (address, asked), Client(address) as client:
        with pytest.raises(InputError if code == "INVALID_ARGUMENT" else ServerError, match="not now"):
            client.live()
        assert len(asked) == 1


def test_the_async_client_tries_again_too() -> None:
    async def ask(address: str) -> bool:
        async with AsyncClient(address) as client:
            return await client.live()

    with failing(grpc.StatusCode.UNAVAILABLE, 2) as (address, asked):
        assert asyncio.run(ask(address))
        assert len(asked) == 3


def test_a_server_that_comes_up_in_time_is_reached(repository: Path) -> None:
    first = Server()
    port = first.port
    first.stop()
    servers: list[Server] = []
    later = threading.Timer(0.4, lambda: servers.append(Server(port=port)))
    with Client(f"127.0.0.1:{port}") as client:
        later.start()
        try:
            assert client.live()
        finally:
            later.join()
            servers[0].stop()


def test_large_requests_and_answers_pass(client: Client) -> None:
    rows = np.zeros((300_000, 3))
    assert client.run("matrix", rows)["predict_proba"].shape == (300_000, 2)


def test_a_wrong_number_of_retries_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 to 4 retries, got 5"):
        Client("127.0.0.1:1", retries=5)


def test_a_model_of_another_server_has_no_schema() -> None:
    metadata = METHODS["ModelMetadata"].response(name="m").SerializeToString()
    handler = grpc.unary_unary_rpc_method_handler(lambda message, context: metadata)
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("inference.GRPCInferenceService", {"ModelMetadata": handler})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}") as client, pytest.raises(ServerError, match="model 'm' has no schema"):
            client.run("m", np.zeros((1, 1)))
    finally:
        server.stop(None).wait()
