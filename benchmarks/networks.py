"""Keras models beside tf2onnx: `python benchmarks/networks.py [--memory GB] [--rounds N] [--no-proof] [NETWORK ...]`.

Each step is a process of its own. Printed are the processor's seconds for the conversion of the loaded model: ours without and
with the proof, and how many times that of the first tf2onnx takes; nodes; the peak of memory beyond the process with TensorFlow
imported and the model loaded, as a multiple of the weights, first of all that of Keras for one row, which a proof has to ask for;
and the time of both graphs in ONNX Runtime at one thread, in random turns within one process, at batch 1, with the median of the
ratios (below 1: ours is faster). tf2onnx goes by way of a SavedModel and may take so many GB of address space at most. `right`:
its answers are those of Keras, within 1e-4 + 1e-3 relative.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
SECONDS, TIMEOUT = 0.05, 1800
CLOSE = {"atol": 1e-4, "rtol": 1e-3}


def main() -> None:
    """A line for each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--memory", type=float, default=13, help="GB of address space for tf2onnx")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--no-proof", action="store_true", help="leave the proofs out, which take the longest")
    options = parser.parse_args()
    print(f"{'':18}{'CPU seconds to convert':^34}{'nodes':^14}{'peak / weights':^32}{'ms in ONNX Runtime':^25}")
    print(
        f"{'network':18}{'graph':>8}{'proved':>8}{'tf2onnx':>9}{'ratio':>9}{'ours':>7}{'theirs':>7}"
        f"{'Keras':>8}{'graph':>8}{'proved':>8}{'tf2onnx':>8}{'ours':>9}{'tf2onnx':>9}{'ratio':>7}  tf2onnx"
    )
    for name in options.networks or _step("names", [])["names"]:
        with tempfile.TemporaryDirectory() as folder:
            print(_line(name, Path(folder), options), flush=True)


def _line(name: str, folder: Path, options: argparse.Namespace) -> str:
    made = _step("make", [name, str(folder)])
    if "failed" in made:
        return f"{name:18}cannot be made: {made['failed']}"
    model, sample, ours, theirs = (str(folder / file) for file in ("model.keras", "sample.npz", "ours.onnx", "theirs.onnx"))
    proved = {} if options.no_proof else _child("network_rivals/vajra_network.py", [model, sample, ours, "prove"])
    graph = _child("network_rivals/vajra_network.py", [model, sample, ours])
    if "failed" in graph or "failed" in proved:
        return f"{name:18}ours fails: {graph.get('failed') or proved.get('failed')}"
    itself = _child("network_rivals/keras_itself.py", [model, sample])
    other = _child("network_rivals/tf2onnx_rival.py", [model, theirs, str(options.memory)])
    if "failed" in other:
        Path(theirs).unlink(missing_ok=True)
    run = _step("run", [str(folder), str(options.rounds)])
    if "failed" in run:
        return f"{name:18}cannot be run: {run['failed']}"
    verdict = f"fails: {other['failed']}" if "failed" in other else run["verdict"]
    if not proved.get("passed", True):
        verdict += "; OUR PROOF FAILED"
    seconds = [graph["seconds"], proved.get("seconds"), other.get("seconds")]
    large = made["weights"] > 1e6  # otherwise it is all Python
    peaks = [one["bytes"] / made["weights"] if large and "bytes" in one else None for one in (itself, graph, proved, other)]
    cells = [(seconds[0], 8, 3), (seconds[1], 8, 2), (seconds[2], 9, 2), (_ratio(seconds[2], seconds[0]), 9, 1),
             (run["nodes"][0], 7, 0), (run["nodes"][1], 7, 0), *((peak, 8, 1) for peak in peaks),
             (run["ms"][0], 9, 3), (run["ms"][1], 9, 3), (run["ratio"], 7, 2)]  # fmt: skip
    return f"{name:18}" + "".join(_cell(*cell) for cell in cells) + f"  {verdict}"


def _ratio(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b is not None else None


def _cell(value: float | None, width: int, digits: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.{digits}f}"


def _step(what: str, arguments: list[str]) -> dict[str, Any]:
    return _child(Path(__file__).name, [f"--{what}", *arguments])


def _child(script: str, arguments: list[str]) -> dict[str, Any]:
    """What a process prints at last; or, as `failed`, why it could not."""
    command = [sys.executable, "-W", "ignore", str(HERE / script), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {TIMEOUT} s"}
    if done.returncode:
        return {"failed": _why(done.stderr, done.returncode)}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _why(stderr: str, code: int) -> str:
    if any(word in stderr for word in ("MemoryError", "bad_alloc", "OOM", "Cannot allocate", "memory")) or code < 0:
        return "out of memory" if code > 0 else f"out of memory (signal {-code})"
    return (stderr.strip().splitlines() or [f"exit code {code}"])[-1][:120]


def names() -> dict[str, Any]:
    """All networks."""
    from network_catalogue import NETWORKS

    return {"names": list(NETWORKS)}


def make(name: str, folder: str) -> dict[str, Any]:
    """Write the model, its inputs and Keras' answers; the bytes of its weights."""
    import keras
    from network_catalogue import NETWORKS

    keras.utils.set_random_seed(0)
    model, sample = NETWORKS[name]()
    model.save(Path(folder) / "model.keras")
    tensors = {key: _texts(a) if a.dtype.kind == "U" else keras.ops.convert_to_tensor(a) for key, a in sample.items()}
    answer = model(tensors if len(tensors) > 1 else next(iter(tensors.values())), training=False)
    np.savez(Path(folder) / "sample.npz", **sample)
    np.save(Path(folder) / "expected.npy", np.asarray(keras.ops.convert_to_numpy(answer)))
    arrays = [np.asarray(keras.ops.convert_to_numpy(weight.value)) for weight in model.weights if weight.dtype != "string"]
    return {"weights": sum(array.nbytes for array in arrays)}


def _texts(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.constant(array.tolist())


def run(folder: str, rounds: str) -> dict[str, Any]:
    """Nodes and median milliseconds of both graphs, and whether tf2onnx's is right."""
    import onnx
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    sample, expected = dict(np.load(Path(folder) / "sample.npz")), np.load(Path(folder) / "expected.npy")
    calls, nodes, verdict = {}, {}, "right"
    for name in ("ours", "theirs"):
        path = Path(folder) / f"{name}.onnx"
        if not path.exists():
            continue
        nodes[name] = len(onnx.load(path, load_external_data=False).graph.node)
        try:
            session = _session(path)
            feeds = _feeds(session, sample)
            answer = session.run(None, feeds)[0]
        except Exception as error:  # onnxruntime raises whatever it likes
            if name == "ours":
                raise
            verdict = f"does not run: {str(error).strip().splitlines()[0][:120]}"
            continue
        if not np.allclose(answer, expected, **CLOSE):
            assert name == "theirs", f"ours is wrong by {np.abs(answer - expected).max()}"
            verdict = f"wrong by {np.abs(answer - expected).max():.1e}"
        calls[name] = (session, {key: array[:1] for key, array in feeds.items()})
    times = _times(calls, int(rounds))
    ms = {name: float(np.median(values)) * 1e3 for name, values in times.items()}
    ratio = float(np.median(times["ours"] / times["theirs"])) if "theirs" in times else None
    return {
        "nodes": [nodes.get(n) for n in ("ours", "theirs")],
        "ms": [ms.get(n) for n in ("ours", "theirs")],
        "ratio": ratio,
        "verdict": verdict,
    }


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _feeds(session: Any, sample: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays by the graph's own names: the same, perhaps with a suffix, or the only one."""
    feeds = {}
    for node in session.get_inputs():
        found = [key for key in sample if node.name.partition(":")[0] in (key, f"serving_default_{key}")] or list(sample)
        assert len(found) == 1, f"input {node.name!r}"
        array = sample[found[0]]
        feeds[node.name] = array.astype(object) if array.dtype.kind == "U" else array
    return feeds


def _times(calls: dict[str, Any], rounds: int) -> dict[str, np.ndarray]:
    """The seconds of a call in every round, the graphs in random turns."""
    turns, times = np.random.default_rng(0), {name: np.empty(rounds) for name in calls}
    often = {name: max(1, int(SECONDS / _block(*call, 2))) for name, call in calls.items()}
    for i in range(rounds):
        for name in turns.permutation(list(calls)):
            times[name][i] = _block(*calls[name], often[name])
    return times


def _block(session: Any, feeds: dict[str, np.ndarray], calls: int) -> float:
    """The thread's own time of a call, in which other processes do not count: both graphs run in this thread alone."""
    start = time.thread_time()
    for _ in range(calls):
        session.run(None, feeds)
    return (time.thread_time() - start) / calls


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("--names", "--make", "--run"):
        print(json.dumps({"--names": names, "--make": make, "--run": run}[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
