"""What serving takes: from the start to ready, memory of one small model and of a hundred, and memory over a million requests.

    python benchmarks/endurance.py                               all of it, on the native transport
    python benchmarks/endurance.py --transport grpcio --soak 100000

The server has core 0, h2load core 1, as in serving.py. The soak comes in rounds, each over new connections: requests that are
answered, and one in fifty for a model that does not exist, which Python refuses.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import numpy as np
from servers import h2load, rivals
from servers.models import prepare
from servers.ports import free_port
from servers.process import Process
from servers.protocols import Inference

STARTS, ROUNDS = 5, 10
WIRE = Inference()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transport", default="native", choices=["grpcio", "native"])
    parser.add_argument("--models", type=int, default=100, help="in the large repository (default 100; 0 leaves it out)")
    parser.add_argument("--soak", type=int, default=1_000_000, help="requests (default 1000000; 0 leaves it out)")
    asked = parser.parse_args()
    h2load.check()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = prepare(folder)[:1]
        one = repository(folder, 1)
        start(one, asked.transport, rows)
        if asked.models:
            many(repository(folder, asked.models), asked.transport, rows)
        if asked.soak:
            soak(one, asked.transport, rows, asked.soak)


def repository(folder: Path, models: int) -> Path:
    """A folder of so many copies of the LogisticRegression."""
    target = folder / f"repository of {models}"
    for number in range(models):
        shutil.copytree(folder / "logistic", target / f"model_{number}")
    return target


def start(models: Path, transport: str, rows: np.ndarray) -> None:
    """Several starts with one small model."""
    seconds, sizes = [], []
    for _ in range(STARTS):
        with ExitStack() as stack:
            process, address, ready = served(models, transport, stack)
            WIRE.ask(address, "model_0", rows)
            seconds.append(ready)
            sizes.append(process.memory())
    print(f"one small model: ready in {median(seconds):.2f} s (bar 1.5), {median(sizes):.0f} MB (bar 120)", flush=True)


def many(models: Path, transport: str, rows: np.ndarray) -> None:
    """A start with many models, and a request to each."""
    with ExitStack() as stack:
        process, address, ready = served(models, transport, stack)
        before = process.memory()
        names = [path.name for path in models.glob("model_*")]
        for name in names:
            WIRE.ask(address, name, rows)
        after = f"{process.memory():.0f} MB after a request to each (bar 1000)"
        print(f"{len(names)} models: ready in {ready:.2f} s, {before:.0f} MB, {after}", flush=True)


def soak(models: Path, transport: str, rows: np.ndarray, requests: int) -> None:
    """Memory after each round; the first ones fill what is kept, so growth counts from the middle."""
    with ExitStack() as stack:
        process, address, _ = served(models, transport, stack)
        url, right, wrong = WIRE.url(address, ""), models.parent / "right", models.parent / "wrong"
        right.write_bytes(WIRE.body("model_0", rows))
        wrong.write_bytes(WIRE.body("nobody", rows))
        length, each = len(WIRE.ask(address, "model_0", rows)), requests // ROUNDS
        sizes = [process.memory()]
        for _ in range(ROUNDS):
            h2load.load(process, WIRE, url, right, length, 64, each - each // 50)
            h2load.load(process, WIRE, url, wrong, 0, 8, each // 50)
            sizes.append(process.memory())
        print(f"{ROUNDS * each:,} requests: MB before and after each tenth: {' '.join(f'{size:.1f}' for size in sizes)}")
        print(f"growth over the second half: {sizes[-1] - sizes[ROUNDS // 2]:+.1f} MB (bar 0)", flush=True)


def served(models: Path, transport: str, stack: ExitStack) -> tuple[Process, str, float]:
    """A server that has said it is ready, its address, and the seconds until then."""
    port = free_port()
    process = rivals.ours(transport).start(models, port)
    stack.callback(process.end)
    return process, f"127.0.0.1:{port}", process.wait(process.said_ready)


if __name__ == "__main__":
    main()
