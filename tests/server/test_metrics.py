"""Metrics against what was asked, in the words that Prometheus's own parser reads."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import grpc
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import running, with_golden_vectors

from vajra_onnx.client import Client
from vajra_onnx.errors import InputError
from vajra_onnx.server import Server, logs, web
from vajra_onnx.server.histogram import BOUNDS, Histogram
from vajra_onnx.server.metrics import exposition
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

ONE = {"model": "matrix", "version": "1"}


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels."""
    text = exposition(server.models).decode()
    return {(s.name, frozenset(s.labels.items())): s.value for f in text_string_to_metric_families(text) for s in f.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.fixture
def server(repository: Path, tmp_path: Path) -> Iterator[Server]:
    """matrix alone, fresh, with a second version that fails its golden vectors and a third that is damaged."""
    for version in ("1", "2", "3"):
        shutil.copytree(repository / "matrix/1", tmp_path / "matrix" / version)
    with_golden_vectors(tmp_path / "matrix/2/model.onnx", 1e-3)
    (tmp_path / "matrix/3/model.onnx").write_bytes(b"not a model")
    with running(tmp_path) as one:
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


def test_a_record_for_every_call(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "vajra_onnx.requests")
    method = METHODS["ModelInfer"]
    with grpc.insecure_channel(server.address) as channel:
        ask = channel.unary_unary(method.path, lambda m: m.SerializeToString(), method.response.FromString)
        ask(codec.infer_request("matrix", {"X": np.zeros((1, 3))}, request_id="r1"), timeout=10)
        with pytest.raises(grpc.RpcError):
            ask(codec.infer_request("nobody", {}), timeout=10, metadata=(("x-request-id", "r2"),))
    entries = [json.loads(logs.Json().format(record)) for record in caplog.records if record.name == "vajra_onnx.requests"]
    assert [(e["message"], e["request"], e["model"], e["code"]) for e in entries] == [
        ("ModelInfer matrix OK", "r1", "matrix", "OK"),
        ("ModelInfer nobody NOT_FOUND", "r2", "nobody", "NOT_FOUND"),
    ]
    assert all(entry["milliseconds"] > 0 and entry["caller"] == "everyone" for entry in entries)


def test_without_being_asked_only_what_nobody_expected_is_noted(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    _, session = server.models.find("matrix", "")
    method = METHODS["ModelInfer"]
    with grpc.insecure_channel(server.address) as channel:
        ask = channel.unary_unary(method.path, lambda m: m.SerializeToString())
        request = codec.infer_request("matrix", {"X": np.zeros((1, 3))}, request_id="r1")
        ask(request, timeout=10)
        session.run_feeds = lambda *_: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        with pytest.raises(grpc.RpcError):
            ask(request, timeout=10)
    assert [vars(r)["request"] for r in caplog.records if r.name == "vajra_onnx.requests"] == ["r1"]
