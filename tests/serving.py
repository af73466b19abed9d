"""Servers for the tests: small models in a repository, a server on a free port of the loopback interface."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import helper
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from vajra_onnx import dtypes
from vajra_onnx.export import build_model
from vajra_onnx.export.build import write_schema
from vajra_onnx.runtime import golden
from vajra_onnx.runtime.session import load
from vajra_onnx.schema import Column, Schema
from vajra_onnx.server import Server
from vajra_onnx.server.config import Config
from vajra_onnx.server.manager import Manager
from vajra_onnx.server.models import Models
from vajra_onnx.server.service import Service
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.versions import Versions
from vajra_onnx.wire.service import METHODS

KINDS = tuple(dtypes.DTYPES)
EVERY = Config(Settings(versions=Versions()))


def frame(rows: int = 60) -> pd.DataFrame:
    """Floats, integers and text, under names that no programming language would allow."""
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "größe in cm": random.normal(170, 10, rows),
            "weight.kg": random.normal(70, 10, rows).astype(np.float32),
            "count": random.integers(0, 9, rows),
            "colour": random.choice(["red", "grün", ""], rows),
        }
    )


def people() -> tuple[Any, pd.DataFrame]:
    """A fitted pipeline on named columns that refuses an unknown colour."""
    data = frame()
    prepare = make_column_transformer(
        (StandardScaler(), ["größe in cm", "weight.kg", "count"]), (OneHotEncoder(handle_unknown="error"), ["colour"])
    )
    labels = np.where(data["größe in cm"] > data["weight.kg"] + 100, "tall", "no")
    return make_pipeline(prepare, LogisticRegression()).fit(data, labels), data


def matrix() -> tuple[Any, np.ndarray]:
    """A fitted pipeline on an array."""
    data = np.random.default_rng(1).normal(size=(50, 3))
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(data, (data[:, 0] > 0).astype(int)), data


def echo(*, nullable: bool = True, finite: bool = False) -> onnx.ModelProto:
    """A model with one input and one output of every dtype, each output equal to its input."""
    inputs, outputs, nodes, columns = [], [], [], []
    for kind in KINDS:
        code = dtypes.dtype(kind).onnx
        inputs.append(helper.make_tensor_value_info(kind, code, [None, 1]))
        outputs.append(helper.make_tensor_value_info(f"{kind}_out", code, [None, 1]))
        nodes.append(helper.make_node("Identity", [kind], [f"{kind}_out"]))
        columns.append(Column(kind, kind, nullable=nullable, finite=finite))
    graph = helper.make_graph(nodes, "echo", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    answers = tuple(Column(f"{kind}_out", "int64" if kind == "datetime64" else kind) for kind in KINDS)
    write_schema(model, Schema(tuple(columns), answers))
    return model


def write(repository: Path, name: str, model: onnx.ModelProto, version: int = 1) -> Path:
    """Put a model into a repository."""
    file = repository / name / str(version) / "model.onnx"
    file.parent.mkdir(parents=True)
    file.write_bytes(model.SerializeToString())
    return file


def with_golden_vectors(file: Path, shift: float) -> Path:
    """Golden vectors beside matrix's file that are off by `shift`."""
    rows = {"X": np.ones((4, 3))}
    answers = {name: array + shift if array.dtype.kind == "f" else array for name, array in load(file).run_feeds(rows).items()}
    golden.folder_of(file).mkdir(exist_ok=True)
    for name, content in golden.to_files(rows, answers).items():
        (golden.folder_of(file) / name).write_bytes(content)
    return file


def fill(repository: Path) -> None:
    """The models that most tests ask: people (version 1 and 2), matrix, echo, strict."""
    model = build_model(*people())[0]
    write(repository, "people", model, 1)
    write(repository, "people", model, 2)
    write(repository, "matrix", build_model(*matrix())[0])
    write(repository, "echo", echo())
    write(repository, "strict", echo(nullable=False, finite=True))


@contextmanager
def running(source: Path, **options: Any) -> Iterator[Server]:
    """A server in this process with every model of `source` loaded; grpcio's, whose models tests can reach, unless told."""
    server = Server(**{"transport": "grpcio", **options})
    try:
        server.open(source, EVERY).load_all()
        server.announce()
        yield server
    finally:
        server.stop()


def loaded(source: Path) -> Service:
    """The service alone, with every model of `source` loaded."""
    models = Models()
    Manager(source, models, EVERY).load_all()
    return Service(models, lambda: True)


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


def hold(server: Server, name: str) -> threading.Event:
    """Make a model wait, before each answer, for the event that is returned."""
    _, session = server.models.find(name, "")
    release, run_feeds = threading.Event(), session.run_feeds

    def held(*arguments: Any) -> Any:
        assert release.wait(30)
        return run_feeds(*arguments)

    session.run_feeds = held  # type: ignore[method-assign]
    return release


@contextmanager
def process(*arguments: str, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`vajra-onnx serve` in a process of its own, and its line that says "ready" ("" when it ended without one)."""
    command = [sys.executable, "-m", "vajra_onnx", "serve", *arguments, "--port", port, "--metrics-port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stderr is not None
    try:
        yield server, server.stdout.readline()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()
