"""The bare graphs beside skl2onnx's: `python benchmarks/graphs.py [PIPELINE ...]`.

Both run in ONNX Runtime under the same options, one intra-op thread, fed arrays that were made before, in random turns within
one process. Printed are ratios of medians, ours over skl2onnx's: below 1 is faster. The means take in the pipelines for which
skl2onnx has a graph that is right: every label of 1,000 rows equal to the original's, every number within 1e-5 + 1e-4 relative.
Where its float graph is not right, its double graph is taken if that is. The second mean leaves out
graphs of skl2onnx that take more than twice our time at batch 1.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from statistics import geometric_mean
from typing import Any

import numpy as np
import onnxruntime
from catalogue import CATALOGUE, Case, rows
from rivals import skl2onnx_rival as rival

from vajra_onnx.export import build_model
from vajra_onnx.runtime.session import Session

MODES = ("exact", "fast")
BATCHES = (1, 1000)
ROUNDS = 41
CLOSE = 0.5
SECONDS = 0.0015  # of each graph in each round: short, so that all graphs see the same machine


@dataclass(frozen=True)
class Graph:
    """What is measured: a session, the arrays that it is fed for each batch, its answers to the last of them."""

    run: Callable[..., list[Any]]
    feeds: dict[int, dict[str, np.ndarray]]
    answers: list[np.ndarray]


def main(names: list[str]) -> None:
    """A line for each pipeline, then the geometric means."""
    warnings.simplefilter("ignore")
    onnxruntime.set_default_logger_severity(4)
    ratios = "".join(f"{mode + ' / skl2onnx':>18}" for mode in MODES)
    print(f"{'':32}{'skl2onnx, us':>17}" + ratios + "".join(f"{mode + ', wall time':>18}" for mode in MODES))
    print(f"{'pipeline':32}{'batch 1':>8}{'1,000':>9}" + f"{'batch 1':>9}{'1,000':>9}" * 4 + "  skl2onnx")
    records = [_print(name, *_attempt(name)) for name in names or CATALOGUE]
    right = [ratios for ratios in records if ratios]
    _print_means(f"geometric mean, {len(right)} of {len(records)} right", right)
    close = [ratios for ratios in right if ratios[0] >= CLOSE]
    _print_means(f"without {len(right) - len(close)} where exact takes half the time", close)


def _print_means(title: str, records: list[list[float]]) -> None:
    means = [geometric_mean(column) for column in zip(*records, strict=True)] if records else []
    print(f"{title:49}" + _columns(means), flush=True)


def _attempt(name: str) -> tuple[dict[str, list[float]], str]:
    """`compare`, or nothing but a word on what failed: the other pipelines are measured all the same."""
    try:
        return compare(CATALOGUE[name]())
    except Exception as error:
        return {}, f"ours fails: {type(error).__name__}: {error}"


def _print(name: str, times: dict[str, list[float]], verdict: str) -> list[float]:
    """Print the line of one pipeline; its ratios where skl2onnx is right, else nothing."""
    reference = times.get("skl2onnx")
    if reference is None:
        print(f"{name:32}{'':17}" + " " * 72 + f"  {verdict}", flush=True)
        return []
    ratios = [times[mode][i] / reference[i] for clock in (0, 2) for mode in MODES for i in (clock, clock + 1)]
    print(f"{name:32}{reference[0] * 1e6:8.1f}{reference[1] * 1e6:9.0f}{_columns(ratios)}  {verdict}", flush=True)
    return ratios if verdict.startswith("right") else []


def _columns(ratios: list[float]) -> str:
    return "".join(f"{ratio:9.2f}" for ratio in ratios)


def compare(case: Case) -> tuple[dict[str, list[float]], str]:
    """Seconds a call of each graph at each batch, the thread's own first and then the wall's, and whether skl2onnx's is right."""
    graphs = {mode: _own(case, mode) for mode in MODES}
    other, verdict = _other(case)
    if other is not None:
        graphs["skl2onnx"] = other
    batches = _times(graphs)
    return {name: [float(times[name][clock]) for clock in (0, 1) for times in batches] for name in graphs}, verdict


def _own(case: Case, mode: str) -> Graph:
    proto = build_model(case.model, case.data[:500], list(case.outputs), mode)[0].SerializeToString()
    feed = Session(proto).feeds
    return _graph(proto, len(case.outputs), {batch: feed(rows(case.data, batch)) for batch in BATCHES})


def _other(case: Case) -> tuple[Graph | None, str]:
    """skl2onnx's graph, the float one or else the double one, and what is to say about it."""
    found: list[tuple[Graph, str]] = []
    verdict = ""
    for wide in (False, True):
        try:
            with redirect_stdout(StringIO()):
                proto = rival.graph(case.model, case.data, case.options, wide).SerializeToString()
            graph = _graph(proto, len(case.outputs), {batch: rival.feeds(rows(case.data, batch), wide) for batch in BATCHES})
        except Exception as error:  # skl2onnx and onnxruntime raise whatever they like
            verdict = verdict or f"fails: {type(error).__name__}"
            continue
        wrong = _wrong(case, graph.answers)
        found.append((graph, f"wrong in {wrong} rows" if wrong else "right" + " (double)" * wide))
        if not wrong:
            return found[-1]
    return found[0] if found else (None, verdict)


def _wrong(case: Case, answers: list[np.ndarray]) -> int:
    """In how many of the rows any output differs from the original's."""
    data = rows(case.data, BATCHES[-1])
    wrong = np.zeros(len(data), bool)
    given = data["name"] if list(getattr(data, "columns", ())) == ["name"] else data
    for method, answer in zip(case.outputs, answers, strict=False):
        expected = np.asarray(getattr(case.model, method)(given)).reshape(len(data), -1)
        got = np.asarray(answer).reshape(len(data), -1)
        if got.shape != expected.shape:
            return len(data)
        same = np.abs(got - expected) <= 1e-5 + 1e-4 * np.abs(expected) if expected.dtype.kind == "f" else got == expected
        wrong |= ~same.all(axis=1)
    return int(wrong.sum())


def _graph(proto: bytes, count: int, feeds: dict[int, dict[str, np.ndarray]]) -> Graph:
    """A graph and its first `count` outputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(proto, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()][:count]
    answers = [session.run(names, feeds[batch]) for batch in BATCHES]
    return Graph(partial(session.run, names), feeds, answers[-1])


def _times(graphs: dict[str, Graph]) -> list[dict[str, np.ndarray]]:
    """For each batch the median over the rounds of the time of a call, the graphs in turns."""
    results = []
    for batch in BATCHES:
        calls = {name: max(1, int(SECONDS / _block(graph, batch, 3)[0])) for name, graph in graphs.items()}
        turns = np.random.default_rng(0)
        rounds = [
            {name: _block(graphs[name], batch, calls[name]) for name in turns.permutation(list(graphs))} for _ in range(ROUNDS)
        ]
        results.append({name: np.median([one[name] for one in rounds], axis=0) for name in graphs})
    return results


def _block(graph: Graph, batch: int, calls: int) -> np.ndarray:
    """The mean time of a call, twice: the thread's own, in which other processes do not count, as the graphs run in this thread
    alone; and the wall's."""
    run, feeds = graph.run, graph.feeds[batch]
    start, wall = time.thread_time(), time.perf_counter()
    for _ in range(calls):
        run(feeds)
    return np.array([time.thread_time() - start, time.perf_counter() - wall]) / calls


if __name__ == "__main__":
    main(sys.argv[1:])
