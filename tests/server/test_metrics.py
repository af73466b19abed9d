"""Metrics against what was asked, in the words that Prometheus's own parser reads."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import grpc
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import Protocol, running, with_golden_vectors

from vajra_onnx.client import Client
from vajra_onnx.errors import InputError
from vajra_onnx.server import Server, logs, web
from vajra_onnx.server.config import Config
from vajra_onnx.server.histogram import BOUNDS, Histogram
from vajra_onnx.server.metrics import exposition
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.tokens import Tokens, line, new_token
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
ONE = {"model": "matrix", "version": "1"}


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels."""
    text = exposition(server.models).decode()
    return {(s.name, frozenset(s.labels.items())): s.value for f in text_string_to_metric_families(text) for s in f.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.fixture
def noted(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every call is noted, by servers that are started afterwards at once."""
    caplog.set_level(logging.INFO, "vajra_onnx.requests")
    return caplog


@pytest.fixture
def server(repository: Path, tmp_path: Path, transport: str) -> Iterator[Server]:
    """matrix alone, fresh, with a second version that fails its golden vectors and a third that is damaged."""
    for version in ("1", "2", "3"):
        shutil.copytree(repository / "matrix/1", tmp_path / "matrix" / version)
    with_golden_vectors(tmp_path / "matrix/2/model.onnx", 1e-3)
    (tmp_path / "matrix/3/model.onnx").write_bytes(b"not a model")
    with running(tmp_path, transport=transport) as one:
        yield one


def test_counts_are_those_of_the_requests(server: Server) -> None:
    with Client(server.address) as client:
        for rows in (7, 1, 3):
            client.run("matrix", np.zeros((rows, 3)))
        with pytest.raises(InputError):
            client.run("matrix", np.zeros((2, 3)), ["nothing"])
    found = samples(server)
    assert found[key("nv_inference_request_success", **ONE)] == 3
    assert found[key("nv_inference_count", **ONE)] == 11
    assert found[key("nv_inference_exec_count", **ONE)] == 4
    assert found[key("nv_inference_pending_request_count", **ONE)] == 0
    assert found[key("nv_inference_request_failure", **ONE, reason="OTHER")] == 1
    assert found[key("nv_inference_request_failure", **ONE, reason="BACKEND")] == 0
    assert found[key("vajra_onnx_failures_total", **ONE, code="INVALID_ARGUMENT")] == 1
    # The session refuses an unknown output: that request was executed, but not answered.
    for name, count in {"request": 3, "queue": 4, "compute": 4}.items():
        assert found[key(f"vajra_onnx_{name}_seconds_count", **ONE)] == count
        assert found[key(f"vajra_onnx_{name}_seconds_bucket", **ONE, le="+Inf")] == count
    total = found[key("nv_inference_request_duration_us", **ONE)]
    parts = found[key("nv_inference_queue_duration_us", **ONE)] + found[key("nv_inference_compute_infer_duration_us", **ONE)]
    assert total > 0
    assert parts > 0
    assert abs(total - 1e6 * found[key("vajra_onnx_request_seconds_sum", **ONE)]) <= 1


def test_loads_and_replays(server: Server) -> None:
    found = samples(server)
    loads = {result: found[key("vajra_onnx_loads_total", model="matrix", result=result)] for result in ("loaded", "failed")}
    assert loads == {"loaded": 1, "failed": 1}
    assert found[key("vajra_onnx_loads_total", model="matrix", result="replay failed")] == 1
    assert [found[key("vajra_onnx_ready", model="matrix", version=v)] for v in "123"] == [1, 0, 0]
    assert found[("process_resident_memory_bytes", frozenset())] > 1e7


def test_names_of_models_are_escaped(repository: Path, tmp_path: Path) -> None:
    name = 'a"b\\c ü'
    shutil.copytree(repository / "matrix", tmp_path / name)
    with running(tmp_path) as one:
        assert samples(one)[key("vajra_onnx_ready", model=name, version="1")] == 1


def test_statistics_are_the_same_counts(server: Server) -> None:
    with Client(server.address) as client, grpc.insecure_channel(server.address) as channel:
        client.run("matrix", np.zeros((7, 3)))
        method = METHODS["ModelStatistics"]
        ask = channel.unary_unary(method.path, lambda m: m.SerializeToString(), method.response.FromString)
        (model,) = ask(pb.ModelStatisticsRequest(name="matrix"), timeout=10).model_stats
    assert (model.inference_count, model.execution_count) == (7, 1)
    stats = model.inference_stats
    assert (stats.success.count, stats.fail.count, stats.queue.count, stats.compute_infer.count) == (1, 0, 1, 1)
    assert 0 < stats.compute_infer.ns <= stats.success.ns
    assert abs(model.last_inference / 1000 - time.time()) < 60


def test_a_histogram() -> None:
    histogram = Histogram()
    for seconds in (0.0, 2e-5, 2.1e-5, 1.0, 100.0):
        histogram.add(seconds)
    cumulative = dict(histogram.cumulative())
    assert len(cumulative) == len(BOUNDS)
    assert [cumulative[bound] for bound in ("2e-05", "5e-05", "0.5", "1", "10", "+Inf")] == [2, 3, 3, 4, 4, 5]


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_and_health_over_http(server: Server) -> None:
    http = web.start("127.0.0.1", 0, server.models, server.accepting)
    try:
        with socket.create_connection(("127.0.0.1", http.server_port)):  # one that says nothing holds up nobody
            status, text = get(http.server_port, "/metrics")
        assert status == 200
        assert 'vajra_onnx_ready{model="matrix",version="1"} 1.0\n' in text
        assert get(http.server_port, "/health") == (200, "ready\n")
        assert get(http.server_port, "/../../etc/passwd")[0] == 404
        server.drain()
        assert get(http.server_port, "/health") == (503, "not ready\n")
    finally:
        http.shutdown()
        http.server_close()


def entries(caplog: pytest.LogCaptureFixture, count: int) -> list[dict[str, Any]]:
    """The calls that were noted, once there are so many."""
    end = time.monotonic() + 10
    while len(found := [r for r in caplog.records if r.name == "vajra_onnx.requests"]) < count and time.monotonic() < end:
        time.sleep(0.01)
    return [json.loads(logs.Json().format(record)) for record in found]


def test_a_record_for_every_call(noted: pytest.LogCaptureFixture, server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        protocol, matrix = Protocol(channel), codec.infer_request("matrix", {"X": np.zeros((1, 3))}, request_id="r1")
        ask = channel.unary_unary(METHODS["ModelInfer"].path, lambda m: m.SerializeToString())
        before = time.time()
        ask(matrix, timeout=10, metadata=(("x-request-id", "not this"),))
        matrix.id = ""
        ask(matrix, timeout=10, metadata=(("x-request-id", "nor this"), ("x-request-id", "r2")))
        with pytest.raises(grpc.RpcError):
            ask(codec.infer_request("nobody", {}), timeout=10, metadata=(("x-request-id", "r3"),))
        stream = channel.stream_stream(METHODS["ModelStreamInfer"].path, lambda m: m.SerializeToString())
        list(stream(iter([matrix, codec.infer_request("nobody", {}, request_id="r4")]), timeout=10))
        protocol("ServerLive", pb.ServerLiveRequest())
        protocol("ServerReady", pb.ServerReadyRequest())
        protocol("ModelReady", pb.ModelReadyRequest(name="matrix"))
    found = entries(noted, 8)
    assert sorted((e["message"], e["request"], e["model"], e["code"]) for e in found) == [
        ("ModelInfer matrix OK", "r1", "matrix", "OK"),
        ("ModelInfer matrix OK", "r2", "matrix", "OK"),
        ("ModelInfer nobody NOT_FOUND", "r3", "nobody", "NOT_FOUND"),
        ("ModelReady matrix OK", "", "matrix", "OK"),
        ("ModelStreamInfer matrix OK", "", "matrix", "OK"),
        ("ModelStreamInfer nobody NOT_FOUND", "r4", "nobody", "NOT_FOUND"),
        ("ServerLive - OK", "", "", "OK"),
        ("ServerReady - OK", "", "", "OK"),
    ]
    assert all(entry["caller"] == "everyone" for entry in found)
    assert all(entry["milliseconds"] > 0 for entry in found if "Infer" in entry["message"])
    ended = [datetime.fromisoformat(entry["time"]).timestamp() for entry in found]
    assert all(before - 0.001 <= moment <= time.time() for moment in ended)


def test_a_record_names_the_caller(noted: pytest.LogCaptureFixture, repository: Path, tmp_path: Path, transport: str) -> None:
    token = new_token()
    (tmp_path / "tokens").write_text(line("reports", token, ["model:*"]))
    with running(repository / "matrix", transport=transport, tokens=Tokens(tmp_path / "tokens")) as server:
        with Client(server.address, token=token) as client:
            for _ in range(3):
                client.run("matrix", np.zeros((1, 3)))
        assert {e["caller"] for e in entries(noted, 3) if e["model"]} == {"reports"}


def test_no_record_is_lost_under_load(noted: pytest.LogCaptureFixture, server: Server) -> None:
    request = codec.infer_request("matrix", {"X": np.zeros((1, 3))})
    with grpc.insecure_channel(server.address) as channel:
        ask = channel.unary_unary(METHODS["ModelInfer"].path, lambda m: m.SerializeToString())
        calls = []
        for number in range(1000):
            request.id = str(number)
            calls.append(ask.future(request, timeout=30))
        answered = [str(number) for number, call in enumerate(calls) if call.code() is grpc.StatusCode.OK]
    assert len(answered) > 500
    assert {e["request"] for e in entries(noted, 1000) if e["code"] == "OK"} == set(answered)


def test_what_fails_is_counted(repository: Path, transport: str) -> None:
    server = Server(transport=transport)
    try:
        server.open(repository / "matrix", Config(Settings(queue_limit=0, concurrency=1))).load_all()
        server.announce()
        request = codec.infer_request("matrix", {"X": np.zeros((20_000, 3))})
        with grpc.insecure_channel(server.address) as channel:
            ask = channel.unary_unary(METHODS["ModelInfer"].path, lambda m: m.SerializeToString())
            codes = Counter(call.code() for call in [ask.future(request, timeout=30) for _ in range(60)])
        found = samples(server)
        failed = found[key("vajra_onnx_failures_total", **ONE, code="RESOURCE_EXHAUSTED")]
        assert codes == {grpc.StatusCode.OK: found[key("nv_inference_request_success", **ONE)], EXHAUSTED: failed}
        assert failed > 0
        assert found[key("nv_inference_request_failure", **ONE, reason="REJECTED")] == failed
    finally:
        server.stop()


def test_without_being_asked_only_what_nobody_expected_is_noted(repository: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With grpcio, whose model can be broken from here."""
    method = METHODS["ModelInfer"]
    with running(repository / "matrix") as server, grpc.insecure_channel(server.address) as channel:
        _, session = server.models.find("matrix", "")
        ask = channel.unary_unary(method.path, lambda m: m.SerializeToString())
        request = codec.infer_request("matrix", {"X": np.zeros((1, 3))}, request_id="r1")
        ask(request, timeout=10)
        session.run_feeds = lambda *_: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        with pytest.raises(grpc.RpcError):
            ask(request, timeout=10)
    assert [vars(r)["request"] for r in caplog.records if r.name == "vajra_onnx.requests"] == ["r1"]
