"""grpcurl and grpc_health_probe, as their documentation shows them; the same calls in Python are in test_health.py."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pki import Authority
from serving import running

from vajra_onnx.server import Server
from vajra_onnx.server.tokens import Tokens, line, new_token


def tool(*names: str) -> str:
    """The path of a Go program, from PATH or from where `go install` puts it."""
    folder = os.environ.get("GOBIN") or str(Path(os.environ.get("GOPATH") or Path.home() / "go") / "bin")
    for name in names:
        path = shutil.which(name) or shutil.which(name, path=folder)
        if path is not None:
            return path
    pytest.skip(f"{names[0]} is not installed (a Go program: go install)")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def probe(server: Server, *options: str) -> int:
    return run(tool("grpc_health_probe", "grpc-health-probe"), f"-addr={server.address}", *options).returncode


def grpcurl(server: Server, *arguments: str, options: tuple[str, ...] = ("-plaintext",)) -> subprocess.CompletedProcess[str]:
    return run(tool("grpcurl"), *options, *arguments[:-1], server.address, arguments[-1])


def test_the_probe(server: Server) -> None:
    assert probe(server) == 0
    assert probe(server, "-service=matrix") == 0
    assert probe(server, "-service=inference.GRPCInferenceService") == 0
    assert probe(server, "-service=nobody") == 3  # its exit code for a call that failed: NOT_FOUND


def test_the_probe_over_tls_without_a_token(repository: Path, transport: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "tokens").write_text(line("one", new_token(), ["model:*"]))
    with running(
        repository / "matrix", transport=transport, tls=authority.server(), tokens=Tokens(tmp_path / "tokens")
    ) as server:
        assert probe(server, "-tls", f"-tls-ca-cert={authority.ca}") == 0
        assert probe(server) != 0


def test_grpcurl_by_reflection(server: Server) -> None:
    listed = grpcurl(server, "list")
    assert listed.stdout.split() == [
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "inference.GRPCInferenceService",
    ]
    described = run(tool("grpcurl"), "-plaintext", server.address, "describe", "inference.ModelInferRequest")
    assert "repeated bytes raw_input_contents = 7;" in described.stdout


def test_grpcurl_asks_a_model(server: Server) -> None:
    data = base64.b64encode(np.zeros((2, 3)).tobytes()).decode()
    request = {
        "model_name": "matrix",
        "inputs": [{"name": "X", "datatype": "FP64", "shape": [2, 3]}],
        "raw_input_contents": [data],
    }
    raw = grpcurl(server, "-d", json.dumps(request), "inference.GRPCInferenceService/ModelInfer")
    assert answer(raw)["model_name"] == "matrix"
    del request["raw_input_contents"]
    request["inputs"] = [{"name": "X", "datatype": "FP64", "shape": [2, 3], "contents": {"fp64_contents": [0.0] * 6}}]
    typed = grpcurl(server, "-d", json.dumps(request), "inference.GRPCInferenceService/ModelInfer")
    assert answer(typed) == answer(raw)


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_grpcurl_with_a_token(repository: Path, transport: str, tmp_path: Path) -> None:
    token = new_token()
    (tmp_path / "tokens").write_text(line("one", token, ["model:*"]))
    with running(repository / "matrix", transport=transport, tokens=Tokens(tmp_path / "tokens")) as server:
        index = "inference.GRPCInferenceService/RepositoryIndex"
        refused = grpcurl(server, "-d", "{}", index)
        assert refused.returncode != 0
        done = grpcurl(server, "-d", "{}", index, options=("-plaintext", "-H", f"authorization: Bearer {token}"))
        assert [model["name"] for model in answer(done)["models"]] == ["matrix"]
