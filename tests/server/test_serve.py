"""`serve` as a process: its lines, its exit codes, its metrics, its signals."""

from __future__ import annotations

import shutil
import signal
import socket
from pathlib import Path

import grpc
import numpy as np
import pytest
from serving import frame, process, running, with_golden_vectors

from vajra_onnx.client import Client
from vajra_onnx.errors import ArtifactError, ServerError
from vajra_onnx.runtime.session import load
from vajra_onnx.server import Server, metrics
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS


def address_in(line: str) -> str:
    return line.partition("ready on ")[2].partition(",")[0]


def test_a_repository_is_served_until_sigterm(repository: Path, transport: str) -> None:
    with process(str(repository), "--versions", "all", "--transport", transport) as (server, line):
        assert line.startswith("ready on 127.0.0.1:")
        assert "models: echo 1, matrix 1, people 1, people 2, strict 1" in line
        with Client(address_in(line)) as client:
            data = frame()
            answers = client.run("people", data)
            expected = load(repository / "people/2/model.onnx").run(data)
            np.testing.assert_array_equal(answers["predict_proba"], expected["predict_proba"], strict=True)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        assert server.stderr is not None
        log = server.stderr.read()
        assert "people 2 loaded in" in log
        assert log.endswith("stopped, all done\n")


def test_sigterm_loses_no_call(repository: Path, transport: str) -> None:
    method = METHODS["ModelInfer"]
    request = codec.infer_request("matrix", {"X": np.ones((20_000, 3))})
    arguments = (str(repository), "--workers", "1", "--transport", transport)
    with process(*arguments) as (server, line), grpc.insecure_channel(address_in(line)) as channel:
        infer = channel.unary_unary(method.path, lambda m: m.SerializeToString(), lambda data: len(data))
        calls = [infer.future(request, timeout=30) for _ in range(60)]
        assert calls[0].result() > 20_000
        server.send_signal(signal.SIGTERM)
        assert {c.code() for c in calls} == {grpc.StatusCode.OK}
        assert server.wait(timeout=20) == 0


def test_sigint_ends_it_too(repository: Path) -> None:
    with process(str(repository / "matrix/1/model.onnx")) as (server, line):
        assert "models: matrix 1" in line
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0


def test_a_damaged_model_alone_ends_the_server(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"not a model")
    with process(str(file)) as (server, line):
        assert line == ""
        assert server.wait(timeout=20) == 1
        assert server.stderr is not None
        log = server.stderr.read()
        assert "model 1 is not served" in log
        assert "no model is ready" in log


def test_a_damaged_version_leaves_the_others_in_service(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository / "matrix", tmp_path / "matrix")
    (tmp_path / "matrix/2").mkdir()
    (tmp_path / "matrix/2/model.onnx").write_bytes(b"not a model")
    with running(tmp_path) as server, Client(server.address) as client:
        assert client.run("matrix", np.zeros((1, 3)))["predict"].shape == (1,)
        assert client.ready("matrix", 1)
        assert not client.ready("matrix", 2)
        assert list(client.metadata("matrix").versions) == ["1"]
        with pytest.raises(ServerError, match="model 'matrix' version 2 is not ready: not an ONNX model"):
            client.run("matrix", np.zeros((1, 3)), version=2)
        assert 'vajra_onnx_ready{model="matrix",version="2"} 0.0' in metrics.exposition(server.models).decode()


def shifted(repository: Path, folder: Path, shift: float) -> Path:
    """A copy of matrix whose golden vectors are off by `shift`."""
    shutil.copytree(repository / "matrix", folder / "matrix")
    return with_golden_vectors(folder / "matrix/1/model.onnx", shift)


def test_golden_vectors_are_replayed(repository: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with running(shifted(repository, tmp_path, 0.0)) as server:
        assert server.accepting()
        assert "4 golden rows replayed" in caplog.text


def test_a_model_that_fails_its_golden_vectors_is_not_served(repository: Path, tmp_path: Path) -> None:
    with process(str(shifted(repository, tmp_path, 1e-3))) as (server, line):
        assert line == ""
        assert server.wait(timeout=20) == 1
        assert server.stderr is not None
        assert "golden vectors: predict_proba differs in row 0" in server.stderr.read()


@pytest.mark.parametrize("source", ["matrix", "matrix/1/model.onnx", "copy.onnx"])
def test_names_come_from_the_folders_or_the_file(repository: Path, tmp_path: Path, source: str) -> None:
    shutil.copytree(repository / "matrix", tmp_path / "matrix")
    shutil.copy(repository / "matrix/1/model.onnx", tmp_path / "copy.onnx")
    with running(tmp_path / source) as server, Client(server.address) as client:
        assert client.ready("copy" if source == "copy.onnx" else "matrix", 1)


@pytest.mark.parametrize("source", ["nowhere", "empty"])
def test_a_source_without_a_model_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty").mkdir()
    server = Server()
    try:
        with pytest.raises(ArtifactError):
            server.open(tmp_path / source)
    finally:
        server.stop()


def test_a_port_that_is_taken_is_refused() -> None:
    server = Server()
    try:
        with pytest.raises(ServerError, match=f"cannot listen - at 127.0.0.1:{server.port}"):
            Server(port=server.port)
    finally:
        server.stop()


def test_ipv6() -> None:
    if not socket.has_ipv6:
        return
    server = Server("::1")
    try:
        assert server.address == f"[::1]:{server.port}"
        with Client(server.address) as client:
            assert client.live()
    finally:
        server.stop()
