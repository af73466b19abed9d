"""Serving over gRPC: the native transport beside grpcio's, requests per second, p99, CPU per request and memory.

Each server has core 0 and h2load core 1; both run all the time, the measurements are interleaved, and medians of three
repetitions are printed. Replies are checked once per server and model against a session in this process, and every one by its
status. Needs h2load (nghttp2), two cores that are otherwise idle, and Linux: `python benchmarks/serving.py`.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

import vajra_onnx as vo
from vajra_onnx.wire import codec

TRANSPORTS = ("grpcio", "native")
IN_FLIGHT = (1, 8, 64)
REQUESTS = {"grpcio": (1500, 4000, 6000), "native": (4000, 30000, 150000)}
REPETITIONS = 3
PATH = "/inference.GRPCInferenceService/ModelInfer"


class Measured(NamedTuple):
    """Of one run: requests per second, the 99th percentile and the CPU of a request in microseconds."""

    rate: float
    p99: float
    cpu: float


def models(folder: Path) -> np.ndarray:
    """A repository of two models, and a framed request for each; the rows that they are asked about."""
    rows, labels = make_classification(2000, 30, random_state=0)
    rows = rows.astype(np.float32)
    for name, model in (("logistic", LogisticRegression()), ("xgboost", XGBClassifier(n_estimators=300, n_jobs=1))):
        vo.convert(model.fit(rows, labels), rows[:200]).save(folder / name)
        message = codec.infer_request(name, {"X": rows[:1]}).SerializeToString()
        (folder / f"{name}.request").write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    return rows


@contextmanager
def serving(folder: Path, transport: str) -> Iterator[tuple[int, str, float]]:
    """A server's process id, its address, and the seconds until it was ready."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "vajra_onnx", "serve", str(folder), "--transport", transport, "--port", "0"]
    server = subprocess.Popen(
        ["taskset", "-c", "0", *command, "--metrics-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        ready = re.match(r"ready on (\S+),", server.stdout.readline())
        assert ready, f"{transport} did not start"
        yield server.pid, ready[1], time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(30)


def load(folder: Path, process: int, address: str, model: str, in_flight: int, requests: int) -> Measured:
    """One run of h2load."""
    connections = 1 if in_flight < 8 else 4
    log = folder / "h2load.log"
    before = cpu(process)
    command = ["taskset", "-c", "1", "h2load", f"-n{requests}", f"-c{connections}", f"-m{in_flight // connections}"]
    command += ["-d", str(folder / f"{model}.request"), "-H", "content-type: application/grpc", "-H", "te: trailers"]
    done = subprocess.run([*command, f"--log-file={log}", f"http://{address}{PATH}"], capture_output=True, text=True, check=True)
    used = cpu(process) - before
    assert f"{requests} succeeded" in done.stdout, done.stdout
    took = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    log.unlink()
    rate = re.search(r"([\d.]+) req/s", done.stdout)
    assert rate
    return Measured(float(rate[1]), took[int(0.99 * len(took))], 1e6 * used / requests)


def cpu(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> int:
    """Megabytes that are resident."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) // 1024


def check(address: str, model: str, folder: Path, rows: np.ndarray) -> None:
    """The answers over the wire are those of a session here, bit for bit."""
    expected = vo.load(next((folder / model).rglob("model.onnx"))).run(rows[:100])
    with vo.Client(address) as client:
        for name, answer in client.run(model, rows[:100]).items():
            np.testing.assert_array_equal(answer, expected[name], strict=True)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        rows = models(folder)
        servers = {transport: stack.enter_context(serving(folder, transport)) for transport in TRANSPORTS}
        results: dict[tuple[str, int, str], list[Measured]] = {}
        for _, address, _ in servers.values():
            for model in ("logistic", "xgboost"):
                check(address, model, folder, rows)
        for _ in range(REPETITIONS):
            for model in ("logistic", "xgboost"):
                for place, in_flight in enumerate(IN_FLIGHT):
                    for transport, (process, address, _) in servers.items():
                        requests = REQUESTS[transport][place]
                        run = load(folder, process, address, model, in_flight, requests)
                        results.setdefault((model, in_flight, transport), []).append(run)
        report(results)
        for transport, (process, _, seconds) in servers.items():
            print(f"{transport}: ready in {seconds:.2f} s, {memory(process)} MB")


def report(results: dict[Any, list[Measured]]) -> None:
    """Medians, and ratios to grpcio."""
    print("| model | in flight | transport | requests/s | x | p99 us | 1/ | CPU us | 1/ |\n|---|---|---|---|---|---|---|---|---|")
    medians = {key: Measured(*map(statistics.median, zip(*runs, strict=True))) for key, runs in results.items()}
    for (model, in_flight, transport), own in medians.items():
        base = medians[model, in_flight, "grpcio"]
        rate, p99, used = own.rate / base.rate, base.p99 / own.p99, base.cpu / own.cpu
        print(
            f"| {model} | {in_flight} | {transport} | {own.rate:.0f} | {rate:.1f} "
            f"| {own.p99:.0f} | {p99:.1f} | {own.cpu:.1f} | {used:.1f} |"
        )


if __name__ == "__main__":
    main()
