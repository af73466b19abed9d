"""What a conversion costs: `python benchmarks/conversion.py [CASE ...]` prints seconds and peak memory, and ratios to skl2onnx.

Models of 1,000 trees on 20 columns, and a table of 1,000 columns behind a ColumnTransformer. Every measurement is a process of
its own that first converts a toy of the same kind with the same tool, so that neither's imports count; `proved` is the whole of
`vo.convert`, which skl2onnx has nothing to set against. Memory is the peak beyond what the process held before. Figures are
medians over rounds that measure all tools in turn.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROUNDS = 3
SIZE, TOY, ROWS, FEATURES = 1000, 10, 2000, 20
TOOLS = ("skl2onnx", "vajra_onnx", "proved")


def rows() -> tuple[np.ndarray, np.ndarray]:
    """float32 [ROWS, FEATURES] and two classes that overlap."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, FEATURES)).astype(np.float32)
    return x, (x[:, :3].sum(axis=1) + rng.normal(size=ROWS) > 0).astype(np.int64)


def trees(model: Any) -> tuple[Any, Any]:
    """The model, fitted, and some of its rows."""
    x, y = rows()
    return model.fit(x, y), x[:200]


def columns(count: int) -> tuple[Any, Any]:
    """Four columns of numbers with gaps to one of text; imputed, scaled, one-hot encoded; a linear model."""
    rng = np.random.default_rng(0)
    numbers, texts = [f"number {i}" for i in range(count * 4 // 5)], [f"text {i}" for i in range(count // 5)]
    values = rng.normal(size=(400, len(numbers)))
    values[rng.random(values.shape) < 0.05] = np.nan
    words = pd.DataFrame(rng.choice(["red", "green", "blue", "grey"], (400, len(texts))), columns=texts)
    table = pd.concat([pd.DataFrame(values, columns=numbers), words], axis=1)
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (OneHotEncoder(handle_unknown="ignore"), texts)
    )
    model = make_pipeline(prepare, LogisticRegression(max_iter=3000))
    return model.fit(table, rng.integers(0, 2, len(table))), table[:200]


CASES: dict[str, Callable[[int], tuple[Any, Any]]] = {
    "RandomForest": lambda n: trees(RandomForestClassifier(n, random_state=0)),
    "GradientBoosting": lambda n: trees(GradientBoostingClassifier(n_estimators=n, random_state=0)),
    "HistGradientBoosting": lambda n: trees(HistGradientBoostingClassifier(max_iter=n, early_stopping=False, random_state=0)),
    "Columns": columns,
}


def skl2onnx(model: Any, sample: Any) -> bytes:
    """The rival; types of a DataFrame's columns are spelled out, as it needs them."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType

    options = {"zipmap": False} if hasattr(model, "classes_") else None
    if isinstance(sample, np.ndarray):
        types = [("X", FloatTensorType([None, sample.shape[1]]))]
    else:
        kinds = [DoubleTensorType if dtype.kind == "f" else StringTensorType for dtype in sample.dtypes]
        types = [(name, kind([None, 1])) for name, kind in zip(sample.columns, kinds, strict=True)]
    return bytes(to_onnx(model, initial_types=types, options=options).SerializeToString())


def vajra_onnx(model: Any, sample: Any) -> bytes:
    """The graph alone."""
    from vajra_onnx.export import build_model

    return bytes(build_model(model, sample)[0].SerializeToString())


def proved(model: Any, sample: Any) -> bytes:
    """The graph, its proof and its golden vectors."""
    from vajra_onnx import convert

    return bytes(convert(model, sample).model.SerializeToString())


def measure(tool: str, file: str) -> dict[str, float]:
    """Seconds, peak MB beyond what was held before, and MB of the file."""
    convert = {"skl2onnx": skl2onnx, "vajra_onnx": vajra_onnx, "proved": proved}[tool]
    (model, sample), toy = joblib.load(file)
    convert(*toy)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before, started = _megabytes("VmRSS"), time.perf_counter()
    size = len(convert(model, sample))
    return {"seconds": time.perf_counter() - started, "peak": _megabytes("VmHWM") - before, "size": size / 1e6}


def _megabytes(entry: str) -> float:
    """A figure of /proc/self/status, which Linux has in kB: VmRSS is held now, VmHWM is the most that was held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(entry)) / 1024


def main(names: list[str]) -> None:
    """Fit every case once, measure it ROUNDS times with each tool in turn, print a table."""
    print(f"{'case':22} {'tool':12} {'s':>8} {'MB':>8} {'file MB':>8} {'ratio s':>8} {'ratio MB':>9}")
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "model.joblib")
            joblib.dump((CASES[name](SIZE), CASES[name](TOY)), file)
            rounds = [{tool: _child(tool, file) for tool in TOOLS} for _ in range(ROUNDS)]
        found = {tool: {key: median(one[tool][key] for one in rounds) for key in rounds[0][tool]} for tool in TOOLS}
        rival = found["skl2onnx"]
        for tool, own in found.items():
            ratios = [own[key] / rival[key] for key in ("seconds", "peak")]
            figures = f"{own['seconds']:8.2f} {own['peak']:8.0f} {own['size']:8.2f} {ratios[0]:8.2f} {ratios[1]:9.2f}"
            print(f"{name:22} {tool:12} {figures}", flush=True)


def _child(tool: str, file: str) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, "--measure", tool, file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise SystemExit(f"{tool}: {done.stderr.strip().splitlines()[-1][:200]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        warnings.simplefilter("ignore")
        print(json.dumps(measure(*sys.argv[2:])))
    else:
        main(sys.argv[1:])
