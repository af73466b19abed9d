"""One run of h2load on core 1 against a server, and what it cost that server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .process import Process, UnavailableError
from .protocols import Wire


class Measured(NamedTuple):
    """Requests per second, the 99th percentile and the CPU of a request in microseconds."""

    rate: float
    p99: float
    cpu: float


def medians(runs: list[Measured]) -> Measured:
    """Of each figure."""
    return Measured(*map(median, zip(*runs, strict=True)))


def check() -> None:
    """Raises SystemExit where h2load is not installed."""
    if shutil.which("h2load") is None:
        raise SystemExit("h2load is not installed: it comes with nghttp2 (Debian: apt-get install nghttp2-client)")


def load(process: Process, wire: Wire, url: str, body: Path, length: int, in_flight: int, requests: int) -> Measured:
    """`requests` requests, each answered with 200 and `length` bytes: gRPC says 200 to a refusal, too, but nothing more.

    Raises UnavailableError when one is not.
    """
    log = body.with_suffix(".log")
    command = ["taskset", "-c", "1", "h2load", f"-n{requests}", *wire.options(in_flight), "-d", str(body), f"--log-file={log}"]
    command += [*(f"-H{header}" for header in wire.headers), url]
    before = process.cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    used = process.cpu() - before
    data = re.search(r"\((\d+)\) data", done.stdout)
    if f"{requests} succeeded" not in done.stdout or data is None or int(data[1]) != requests * length:
        said = re.search(r"requests:.*\nstatus codes:.*\ntraffic:.*", done.stdout)
        raise UnavailableError(f"not every reply was right at {in_flight} in flight: {said[0] if said else done.stderr}")
    took = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    log.unlink()
    rate = re.search(r"([\d.]+) req/s", done.stdout)
    assert rate
    return Measured(float(rate[1]), took[int(0.99 * len(took))], 1e6 * used / requests)
