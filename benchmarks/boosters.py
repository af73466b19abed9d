"""Boosters: our session against the libraries' own predictors, onnxmltools and tl2cgen, as ratios, interleaved, in one run.

    python benchmarks/boosters.py [--trees 500] [--libraries xgboost lightgbm catboost]

A ratio is the rival's time divided by ours at one thread, by the tree kernel where the native wheel is installed: above 1 our
session is faster. What is missing is left out by name.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vajra_onnx.export.build import build_model
from vajra_onnx.runtime.kernels import with_kernels
from vajra_onnx.runtime.session import Session

BATCHES = (1, 100, 10_000)
Run = Callable[[np.ndarray], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--libraries", nargs="*", default=list(FITS))
    options = parser.parse_args()
    generator = np.random.default_rng(0)
    x = generator.normal(size=(10_000, 30)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + generator.normal(size=len(x))
    for library in options.libraries:
        fitted = FITS[library](options.trees).fit(x, y)
        report(library, dict(contestants(library, fitted, x)), x)


def contestants(library: str, fitted: Any, x: np.ndarray) -> Iterator[tuple[str, Run]]:
    """Each contestant's name and how it answers a batch; ours at one thread comes first."""
    data = build_model(fitted, x[:50], ["predict"])[0].SerializeToString()
    if with_kernels(data) is None:
        print("the tree kernel: left out, vajra-onnx-native is not installed")
    else:
        for threads in (1, 2):
            yield f"vajra-onnx, kernel, threads={threads}", Session(data, threads=threads, kernels=True).run
    for threads in (1, 2):
        yield f"vajra-onnx, file alone, threads={threads}", Session(data, threads=threads).run
    for threads in (1, 2):
        yield f"{library}, threads={threads}", NATIVE[library](fitted, threads)
    for name, make in (("onnxmltools", onnxmltools_graph), ("tl2cgen", compiled)) if library == "xgboost" else ():
        try:
            yield name, make(fitted, x)
        except Exception as error:
            print(f"{name}: left out, {type(error).__name__}: {str(error).splitlines()[:1]}")


def xgboost(trees: int) -> Any:
    """Trees of depth 6."""
    from xgboost import XGBRegressor

    return XGBRegressor(n_estimators=trees, max_depth=6, n_jobs=1)


def lightgbm(trees: int) -> Any:
    """Trees of depth 6, with up to 63 leaves."""
    from lightgbm import LGBMRegressor

    return LGBMRegressor(n_estimators=trees, max_depth=6, num_leaves=63, n_jobs=1, verbose=-1)


def catboost(trees: int) -> Any:
    """Symmetric trees of depth 6."""
    from catboost import CatBoostRegressor

    return CatBoostRegressor(iterations=trees, depth=6, thread_count=1, verbose=False, allow_writing_files=False)


def _inplace(fitted: Any, threads: int) -> Run:
    booster = fitted.get_booster().copy()
    booster.set_param({"nthread": threads})
    return booster.inplace_predict  # type: ignore[no-any-return]


FITS: dict[str, Callable[[int], Any]] = {"xgboost": xgboost, "lightgbm": lightgbm, "catboost": catboost}
# The quickest call of each library that takes an array.
NATIVE: dict[str, Callable[[Any, int], Run]] = {
    "xgboost": _inplace,
    "lightgbm": lambda fitted, threads: lambda rows: fitted.booster_.predict(rows, num_threads=threads),
    "catboost": lambda fitted, threads: lambda rows: fitted.predict(rows, thread_count=threads),
}


def onnxmltools_graph(fitted: Any, x: np.ndarray) -> Run:
    """onnxmltools' graph in ONNX Runtime, at one thread."""
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    from vajra_onnx.runtime.onnxruntime import open_session

    proto = convert_xgboost(fitted, initial_types=[("X", FloatTensorType([None, x.shape[1]]))])
    session = open_session(proto.SerializeToString(), 1, None)
    return lambda rows: session.run(None, {"X": rows})


def compiled(fitted: Any, x: np.ndarray) -> Run:
    """The trees as C, compiled by gcc, at one thread."""
    import tl2cgen
    import treelite

    library = Path(tempfile.mkdtemp()) / "model.so"
    model = treelite.frontend.from_xgboost(fitted.get_booster())
    tl2cgen.export_lib(model, toolchain="gcc", libpath=str(library), params={"parallel_comp": 8}, options=["-O2"])
    predictor = tl2cgen.Predictor(str(library), nthread=1)
    return lambda rows: predictor.predict(tl2cgen.DMatrix(rows))


def report(library: str, runs: dict[str, Run], x: np.ndarray) -> None:
    """One line per contestant: its time and the ratio at every batch size."""
    print(f"\n{library:36}" + "".join(f"{f'batch {batch}':>22}" for batch in BATCHES))
    times = {batch: best(runs, x[:batch]) for batch in BATCHES}
    ours = next(iter(runs))
    for name in runs:
        cells = (f"{times[b][name] * 1e6:11.0f} us {times[b][name] / times[b][ours]:6.2f}x" for b in BATCHES)
        print(f"{name:36}" + "".join(f"{cell:>22}" for cell in cells))


def best(runs: dict[str, Run], rows: np.ndarray, rounds: int = 15) -> dict[str, float]:
    """The smallest time of each, in seconds; they take turns, so that what else the machine does hits all alike."""
    repeats = max(1, 500 // len(rows))
    least = dict.fromkeys(runs, np.inf)
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(repeats):
                run(rows)
            least[name] = min(least[name], (time.perf_counter() - start) / repeats)
    return least


if __name__ == "__main__":
    main()
