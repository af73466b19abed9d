"""Boosters: our session against the libraries' own predictors, onnxmltools and tl2cgen, as ratios, interleaved, in one run.

    python -m benchmarks.boosters [--trees 500] [--rivals xgboost lightgbm onnxmltools tl2cgen]

A ratio is the rival time divided by ours at one thread: above 1 our session is faster. What is missing is left out by name.
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
from vajra_onnx.runtime.session import Session

BATCHES = (1, 100, 10_000)
Run = Callable[[np.ndarray], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--rivals", nargs="*", default=["xgboost", "lightgbm", "onnxmltools", "tl2cgen"])
    options = parser.parse_args()
    generator = np.random.default_rng(0)
    x = generator.normal(size=(10_000, 30)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + generator.normal(size=len(x))
    for library in ("xgboost", "lightgbm"):
        if library in options.rivals:
            report(library, dict(contestants(library, x, y, options.trees, options.rivals)), x)


def contestants(library: str, x: np.ndarray, y: np.ndarray, trees: int, rivals: list[str]) -> Iterator[tuple[str, Run]]:
    """Each contestant's name and how it answers a batch; ours at one thread comes first."""
    fitted = fit(library, x, y, trees)
    data = build_model(fitted, x[:50], ["predict"])[0].SerializeToString()
    for threads in (1, 2):
        yield f"vajra-onnx, threads={threads}", Session(data, threads=threads).run
    if library == "lightgbm":
        for threads in (1, 2):
            yield f"lightgbm, threads={threads}", lambda rows, n=threads: fitted.booster_.predict(rows, num_threads=n)
        return
    for threads in (1, 2):
        booster = fitted.get_booster().copy()
        booster.set_param({"nthread": threads})
        yield f"xgboost inplace_predict, threads={threads}", booster.inplace_predict
    for name, make in (("onnxmltools", onnxmltools_graph), ("tl2cgen", compiled)):
        if name in rivals:
            try:
                yield name, make(fitted, x)
            except Exception as error:
                print(f"{name}: left out, {type(error).__name__}: {str(error).splitlines()[:1]}")


def fit(library: str, x: np.ndarray, y: np.ndarray, trees: int) -> Any:
    """A regressor of this many trees of depth 6."""
    if library == "xgboost":
        from xgboost import XGBRegressor

        return XGBRegressor(n_estimators=trees, max_depth=6, n_jobs=1).fit(x, y)
    from lightgbm import LGBMRegressor

    return LGBMRegressor(n_estimators=trees, max_depth=6, num_leaves=63, n_jobs=1, verbose=-1).fit(x, y)


def onnxmltools_graph(fitted: Any, x: np.ndarray) -> Run:
    """onnxmltools' graph in ONNX Runtime, at one thread."""
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    from vajra_onnx.runtime.onnxruntime import open_session

    session = open_session(convert_xgboost(fitted, [("X", FloatTensorType([None, x.shape[1]]))]).SerializeToString(), 1, None)
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
