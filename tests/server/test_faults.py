"""Faults under load: nothing that was accepted is lost, nothing crashes, and every refusal has its status."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import onnx
import pytest
from onnx import helper
from serving import hold, process, running, write

from vajra_onnx.client import Client
from vajra_onnx.export.build import write_schema
from vajra_onnx.schema import Column, Schema
from vajra_onnx.server import Server
from vajra_onnx.server.config import read_config
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS

INFER, STREAM = METHODS["ModelInfer"], METHODS["ModelStreamInfer"]
OK = grpc.StatusCode.OK
# What a client may hear of a server that goes. grpcio's core cancels calls that come in while it closes (grpc/grpc#41785); no
# model has seen them.
FAREWELL = {OK, grpc.StatusCode.UNAVAILABLE}
LAST = {"grpcio": FAREWELL | {grpc.StatusCode.CANCELLED}, "native": FAREWELL}


def tagging(version: int) -> onnx.ModelProto:
    """Answers its number, and each row's own value: who answered what is plain to see. Its rows may be put together."""
    nodes = [
        helper.make_node("Constant", [], ["tag"], value_float=float(version)),
        helper.make_node("Mul", ["x", "zero"], ["none"]),
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Add", ["none", "tag"], ["version"]),
        helper.make_node("Identity", ["x"], ["same"]),
    ]
    nodes.insert(0, nodes.pop(2))
    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1]) for name in ("x", "version", "same")]
    graph = helper.make_graph(nodes, "tagging", info[:1], info[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    write_schema(model, Schema((Column("x", "float32"),), (Column("version", "float32"), Column("same", "float32"))))
    helper.set_model_props(model, {p.key: p.value for p in model.metadata_props} | {"vajra_onnx.rows": "independent"})
    return model


def request(numbers: Any) -> Any:
    return codec.infer_request("m", {"x": np.asarray(numbers, np.float32)[:, None]})


class Load:
    """Clients that ask until they are stopped, each with values of its own; what was answered, by status and by version."""

    def __init__(self, address: str, clients: int) -> None:
        self.address = address
        self.codes: Counter[Any] = Counter()
        self.versions: Counter[float] = Counter()
        self.wrong: list[Any] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self, client: int) -> None:
        turn = 0
        with grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)
            while not self._stop.is_set():
                turn += 1
                numbers = client * 10_000 + turn + np.arange(1 + turn % 7)
                call = infer.future(request(numbers), timeout=30)
                self.codes[call.code()] += 1
                if call.code() is OK:
                    answers = codec.read_outputs(call.result())
                    self.versions[float(answers["version"][0, 0])] += 1
                    if answers["same"].ravel().tolist() != numbers.tolist() or len(np.unique(answers["version"])) != 1:
                        self.wrong.append((numbers, answers))

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(40)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_reload_under_full_load_loses_nothing(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    server = Server(workers=8, transport=transport)
    try:
        manager = server.open(tmp_path)
        manager.load_all()
        server.announce()
        load = Load(server.address, clients=6)
        for version in range(2, 7):
            until(lambda version=version: load.versions[version - 1] > 20)  # type: ignore[misc]
            write(tmp_path, "m", tagging(version), version)
            manager.look()
            manager.look()
        write(tmp_path, "m", tagging(7), 7).write_bytes(b"damaged")
        manager.look()
        manager.look()
        until(lambda: load.versions[6] > 20)
        load.stop()
        assert not load.wrong
        assert set(load.codes) == {OK}
        assert set(load.versions) == {1, 2, 3, 4, 5, 6}
    finally:
        server.stop()


def test_thousands_of_requests_in_flight_get_their_own_answers(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    sizes = np.random.default_rng(0).integers(1, 40, 2000).tolist()
    with running(tmp_path, transport=transport, limit=5000) as server, grpc.insecure_channel(server.address) as channel:
        infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)
        release = hold(server, "m")
        calls = [infer.future(request(50 * i + np.arange(size)), timeout=60) for i, size in enumerate(sizes)]
        release.set()
        for i, (size, call) in enumerate(zip(sizes, calls, strict=True)):
            assert codec.read_outputs(call.result())["same"].ravel().tolist() == list(range(50 * i, 50 * i + size))
        counts = server.models.find("m", "")[0].counts.now()
        assert (counts.answered, counts.rows) == (2000, sum(sizes))
        assert counts.executions < 2000 or transport == "native"  # which nobody held, so that it may have kept up


def test_full_queues_deadlines_and_cancelled_calls(tmp_path: Path) -> None:
    write(tmp_path, "m", tagging(1))
    (tmp_path / "models.toml").write_text("[models.m]\nqueue_limit = 3\nconcurrency = 1")
    server = Server(workers=16, transport="grpcio")
    try:
        server.open(tmp_path, read_config(tmp_path, None, {})).load_all()
        server.announce()
        model = server.models.find("m", "")[0]
        release = hold(server, "m")
        with grpc.insecure_channel(server.address) as channel:
            infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString(), INFER.response.FromString)
            first = infer.future(request([1]), timeout=60)
            until(lambda: model.counts.pending == 1)
            cancelled, late, patient = (infer.future(request([i]), timeout=t) for i, t in ((2, 60), (3, 2), (4, 60)))
            until(lambda: model.waiting == 3)
            too_many = infer.future(request([5]), timeout=60)
            assert too_many.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "3 requests wait for the model already" in too_many.details()
            cancelled.cancel()
            until(lambda: model.waiting <= 2)
            assert late.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            until(lambda: model.waiting == 1)
            release.set()
            assert [codec.read_outputs(c.result())["same"][0, 0] for c in (first, patient)] == [1, 4]
            until(lambda: model.counts.pending == 0)
            assert model.counts.failed() == {"RESOURCE_EXHAUSTED": 1, "CANCELLED": 1, "DEADLINE_EXCEEDED": 1}
            assert model.counts.answered == 2
    finally:
        server.stop()


def test_a_drain_under_full_load_loses_nothing_that_was_accepted(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    with running(tmp_path, transport=transport) as server:
        counts = server.models.find("m", "")[0].counts
        load = Load(server.address, clients=6)
        until(lambda: load.codes[OK] > 100)
        assert server.drain(grace=20)
        load.stop()
        assert not load.wrong
        assert set(load.codes) <= LAST[transport]
        counts.now()
        assert (load.codes[OK], counts.failed(), counts.pending) == (counts.answered, {}, 0)


def test_sigterm_under_full_load_ends_in_order(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    with process(str(tmp_path), "--workers", "8", "--transport", transport) as (server, line):
        load = Load(line.partition("ready on ")[2].partition(",")[0], clients=6)
        until(lambda: load.codes[OK] > 100)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        load.stop()
        assert not load.wrong
        assert set(load.codes) <= LAST[transport]
        assert server.stderr is not None
        assert server.stderr.read().endswith("stopped, all done\n")


def test_a_killed_server_comes_back_on_its_port(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    arguments = (str(tmp_path), "--transport", transport)
    with process(*arguments, port=port) as (server, _), Client(f"127.0.0.1:{port}") as client:
        rows = np.ones((1, 1), np.float32)
        assert client.run("m", {"x": rows})["version"][0, 0] == 1
        os.kill(server.pid, signal.SIGKILL)
        server.wait(timeout=20)
        with process(*arguments, port=port) as (_, again):
            assert again.startswith("ready")
            assert client.run("m", {"x": rows})["version"][0, 0] == 1


def test_a_model_that_throws_under_load_hurts_nobody_else(tmp_path: Path) -> None:
    write(tmp_path, "m", tagging(1))
    write(tmp_path, "other", tagging(1))
    with running(tmp_path, workers=16) as server:
        session = server.models.find("other", "")[1]
        session.run_feeds = lambda *_: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        load = Load(server.address, clients=4)
        with grpc.insecure_channel(server.address) as channel:
            infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString())
            wrong = codec.infer_request("other", {"x": np.ones((1, 1), np.float32)})
            calls = [infer.future(wrong, timeout=30) for _ in range(100)]
            assert {c.code() for c in calls} == {grpc.StatusCode.INTERNAL}
        load.stop()
        assert not load.wrong
        assert set(load.codes) == {OK}
        assert server.models.find("other", "")[0].counts.pending == 0


def test_vanishing_clients_leave_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path, "m", tagging(1))
    with running(tmp_path, workers=32) as server:
        model = server.models.find("m", "")[0]
        release = hold(server, "m")
        channels = [grpc.insecure_channel(server.address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(5)]
        infers = [channel.unary_unary(INFER.path, lambda m: m.SerializeToString()) for channel in channels]
        calls = [infer.future(request([i]), timeout=60) for infer in infers for i in range(4)]
        until(lambda: model.counts.pending == 20)
        for channel in channels:
            channel.close()
        assert not any(call.code() is OK for call in calls)
        until(lambda: model.waiting == 0)
        release.set()
        until(lambda: model.counts.pending == 0)
        with Client(server.address) as client:
            assert client.run("m", {"x": np.ones((1, 1), np.float32)})["version"][0, 0] == 1


def test_raw_connections_that_break_off_hurt_nobody(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    with running(tmp_path, transport=transport) as server, Client(server.address) as client:
        for sent in (b"", b"GET / HTTP/1.1\r\n\r\n", preface, preface + b"\xff" * 100, preface + b"\0\0\0\4\0\0\0\0\0"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
                raw.sendall(sent)
        assert client.run("m", {"x": np.ones((1, 1), np.float32)})["version"][0, 0] == 1


def resident() -> int:
    """Megabytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def large(megabytes: int) -> onnx.ModelProto:
    weights = np.ones((1, megabytes << 18), np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["y"]),
        helper.make_node("ReduceSum", ["y"], ["sum"], keepdims=1),
    ]
    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1]) for name in ("x", "sum")]
    graph = helper.make_graph(nodes, "large", info[:1], info[1:], [onnx.numpy_helper.from_array(weights, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    write_schema(model, Schema((Column("x", "float32"),), (Column("sum", "float32"),)))
    return model


def test_a_request_that_needs_more_than_the_memory_limit_fails_alone(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "m", tagging(1))
    with process(str(tmp_path), "--memory-limit", "8", "--max-message", "200", "--transport", transport) as (_, line):
        options = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(line.partition("ready on ")[2].partition(",")[0], options=options) as channel:
            infer = channel.unary_unary(INFER.path, lambda m: m.SerializeToString())
            assert infer.future(request(np.ones(4)), timeout=30).code() is OK
            much = infer.future(request(np.ones(1 << 23)), timeout=60)
            assert much.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "memory limit" in much.details()
            assert infer.future(request(np.ones(4)), timeout=30).code() is OK


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_memory_is_given_back_when_a_model_goes(tmp_path: Path, transport: str) -> None:
    write(tmp_path, "big", large(32))
    with running(tmp_path, transport=transport) as server:
        manager = server.open(tmp_path, explicit=True)
        manager.load("big")
        manager.unload("big")
        gc.collect()
        time.sleep(0.5)
        empty = resident()
        for _ in range(2):
            manager.load("big")
            assert resident() > empty + 30
            manager.unload("big")
            until(lambda: resident() < empty + 8)
    shutil.rmtree(tmp_path)
