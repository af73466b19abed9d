"""Measure every rival on every case, interleaved, in a fresh process each: `python benchmarks/run.py [CASE ...]`.

Prints latency at batch 1 and 1,000, peak memory, labels that differ from the original's, and ratios to the original. The
figures are medians over the rounds; the machine's own speed cancels in the ratios, because every round measures all rivals.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

ROUNDS = 3
SECONDS = 0.4
RIVALS = sorted(path.stem for path in (Path(__file__).parent / "rivals").glob("*.py"))
ORIGINAL = "scikit_learn"


def main(cases: list[str]) -> None:
    """Prepare every case once, measure it ROUNDS times with each rival in turn, print a table."""
    from cases import DATA, MODELS

    names = cases or [f"{data}/{model}" for data in DATA for model in MODELS]
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            rivals = [r for r in RIVALS if _child("prepare", r, name, folder).get("ok")]
            rounds = [{r: _child("measure", r, name, folder) for r in rivals} for _ in range(ROUNDS)]
            rows += [_summary(name, r, [one[r] for one in rounds], [one[ORIGINAL] for one in rounds]) for r in rivals]
            _print(rows[-len(rivals) :], header=name == names[0])
    target = Path(__file__).parent / "results"
    target.mkdir(exist_ok=True)
    (target / "latest.json").write_text(json.dumps(rows, indent=2))


def _child(what: str, rival: str, case: str, folder: str) -> dict[str, Any]:
    """Run one step in a process of its own; a rival that cannot do the case says so in one line."""
    command = [sys.executable, "-W", "ignore", __file__, f"--{what}", rival, case, folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        print(f"{case:34} {rival:14} cannot {what}: {done.stderr.strip().splitlines()[-1][:150]}")
        return {}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def prepare(rival: str, case: str, folder: str) -> dict[str, Any]:
    """Make what the rival loads later."""
    from cases import fitted

    pipeline, features = fitted(*case.split("/"))
    start = time.perf_counter()
    importlib.import_module(f"rivals.{rival}").prepare(pipeline, features, Path(folder))
    features.tail(1000).to_pickle(Path(folder) / "rows.pkl")
    return {"ok": True, "seconds": time.perf_counter() - start}


def measure(rival: str, case: str, folder: str) -> dict[str, Any]:
    """Latency of one row (as the rival likes it best) and of 1,000, in seconds; the labels; peak memory in MB."""
    import pandas as pd

    module = importlib.import_module(f"rivals.{rival}")
    rows = pd.read_pickle(Path(folder) / "rows.pkl")
    whole = rows.dropna()
    single, row = whole.iloc[:1], whole.iloc[0].to_dict()
    handle = module.load(Path(folder))
    labels = [int(v) for v in _labels(module.run(handle, whole))]
    return {
        "one": _median(lambda: module.one(handle, single, row)),
        "many": _median(lambda: module.run(handle, whole)),
        "labels": labels,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _labels(answer: Any) -> Any:
    return answer["predict"] if isinstance(answer, dict) else answer[0]


def _median(function: Any) -> float:
    for _ in range(3):
        function()
    times = []
    deadline = time.perf_counter() + SECONDS
    while time.perf_counter() < deadline or len(times) < 5:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return median(times)


def _summary(case: str, rival: str, rounds: list[dict[str, Any]], original: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "case": case,
        "rival": rival,
        "one_us": median(r["one"] for r in rounds) * 1e6,
        "many_us": median(r["many"] for r in rounds) * 1e6,
        "one_ratio": median(o["one"] / r["one"] for r, o in zip(rounds, original, strict=True)),
        "many_ratio": median(o["many"] / r["many"] for r, o in zip(rounds, original, strict=True)),
        "flips": sum(a != b for a, b in zip(rounds[0]["labels"], original[0]["labels"], strict=True)),
        "rows": len(original[0]["labels"]),
        "memory_mb": median(r["memory"] for r in rounds),
    }


def _print(rows: list[dict[str, Any]], header: bool) -> None:
    if header:
        print(f"{'case':34} {'rival':14} {'1 row us':>9} {'faster':>8} {'1,000 us':>9} {'faster':>8} {'flips':>9} {'MB':>5}")
    for r in rows:
        print(
            f"{r['case']:34} {r['rival']:14} {r['one_us']:9,.0f} {r['one_ratio']:7,.1f}x {r['many_us']:9,.0f} "
            f"{r['many_ratio']:7,.1f}x {r['flips']:4}/{r['rows']:<4} {r['memory_mb']:5,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] in ("--prepare", "--measure"):
        step = {"--prepare": prepare, "--measure": measure}[sys.argv[1]]
        print(json.dumps(step(*sys.argv[2:])))
    else:
        main(sys.argv[1:])
