"""Small data and models for CatBoost, and rows on which its trees decide by one ulp."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from catboost import CatBoost
from compare import assert_equal, converted, original
from thresholds import rows_on

import vajra_onnx as vo
from vajra_onnx.artifact import Artifact

ROWS = 300
SMALL: dict[str, Any] = {
    "iterations": 9,
    "depth": 3,
    "border_count": 16,
    "thread_count": 1,
    "allow_writing_files": False,
    "verbose": 0,
    "random_seed": 1,
}
TEXT = [
    "x",
    "y",
    "größe",
    "中文",
    "😀 smile",
    "",
    " ",
    "a name of more than sixteen bytes",
    "more than thirty-two bytes, for sure " * 2,
    "z" * 150,
]
EXACT = ("margin", "apply")
LINK = 4 * 2.0**-52


def numbers(seed: int = 0, dtype: type = np.float64) -> np.ndarray:
    """[300, 4]: ties, zeros, missing values in all but the last column."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 4)).round(1)
    x[:, :3][rng.random((ROWS, 3)) < 0.1] = np.nan
    return x.astype(dtype)


def whole(seed: int = 0) -> np.ndarray:
    """[300, 4] whole numbers, some of which float32 does not hold."""
    x = np.random.default_rng(seed).integers(0, 2**40, (ROWS, 4))
    x[:150] //= 2**36
    return x


def mixed(seed: int = 0) -> pd.DataFrame:
    """300 rows of numbers of every dtype that CatBoost takes."""
    rng, x = np.random.default_rng(seed), numbers(seed)
    data = pd.DataFrame({"a b": x[:, 0], "größe": x[:, 1].astype(np.float32), "count": rng.integers(0, 2**60, ROWS)})
    data["small"], data["yes"] = rng.integers(0, 9, ROWS).astype(np.int8), rng.random(ROWS) < 0.3
    return data


def categories(seed: int = 0) -> pd.DataFrame:
    """300 rows, categories as text and as whole numbers beside numbers."""
    rng, data = np.random.default_rng(seed), mixed(seed)[["a b", "small"]]
    data["city"], data["code"] = rng.choice(TEXT, ROWS), rng.integers(-2, 4, ROWS) * 10**9
    data["kind"] = rng.choice(["u", "v", "w"], ROWS)
    return data


def sparse(seed: int = 0) -> scipy.sparse.csr_matrix:
    """[300, 4]: half of the entries absent."""
    return scipy.sparse.csr_matrix(np.where(np.random.default_rng(seed).random((ROWS, 4)) < 0.5, 0, numbers(seed)))


DATA = {
    "numbers": numbers,
    "float32": lambda: numbers(dtype=np.float32),
    "whole": whole,
    "mixed": mixed,
    "categories": categories,
    "sparse": sparse,
}
NAMES = ["city", "code", "kind"]


def target() -> np.ndarray:
    """[300] positive numbers that depend on all kinds of data."""
    x, data = np.nan_to_num(numbers()), categories()
    y = np.clip(x[:, 0], -2, 2) + 2 * (data["city"] == "x") * (data["kind"] == "v") + data["code"] / 1e9
    return np.asarray(1 / (1 + np.exp(-y)) + 0.01)


def classes(count: int = 3) -> np.ndarray:
    """[300] whole numbers below `count`."""
    return np.digitize(target(), np.quantile(target(), np.arange(1, count) / count))


def fitted(kind: type, data: Any, labels: np.ndarray, **options: Any) -> Any:
    """An estimator of CatBoost; `categories` have categorical columns."""
    fit = {"group_id": options.pop("group_id")} if "group_id" in options else {}
    if isinstance(data, pd.DataFrame) and "city" in data:
        options = {"cat_features": NAMES, "one_hot_max_size": 3, **options}
    parameters = {**SMALL, **options}
    return (CatBoost(parameters) if kind is CatBoost else kind(**parameters)).fit(data, labels, **fit)


def at_borders(model: CatBoost, x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rows of values on the borders and next to them, NaN and infinities."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        features = json.loads(path.read_text())["features_info"]["float_features"]
    cuts = [(np.full(len(f["borders"]), f["flat_feature_index"]), np.array(f["borders"])) for f in features]
    with np.errstate(over="ignore"):
        return rows_on(cuts, x, missing=True, infinite=True, seed=seed)


def methods(model: CatBoost) -> list[str]:
    """All outputs of the model."""
    some = ["predict_proba", "predict_log_proba"] if hasattr(model, "predict_proba") else []
    return ["predict", *some, "margin", "apply"]


def assert_exact(model: CatBoost, sample: Any, data: Any = None) -> None:
    """Raw scores, leaves and labels are CatBoost's own, bit for bit, the rest within 4 ulp of float64; at batch N and batch 1.

    CatBoost takes 1 - p for the probability of the first of two classes, so that 4 ulp are those of 1.
    """
    data = sample if data is None else data
    session, names = converted(model, sample, methods(model))
    for batch in (data, *(data[i : i + 1] for i in range(3))):
        answers = session.run(batch)
        for name, method in names.items():
            error = 0.0 if method in EXACT else LINK
            assert_equal(answers[name], original(model, batch, method), name, error, error)


def proved(model: CatBoost, sample: Any) -> Artifact:
    """The artifact, whose proof on adversarial rows found every raw score, leaf and label the same, and no tie."""
    artifact = vo.convert(model, sample, methods(model))
    for output in artifact.certificate.outputs:
        assert output.max_ulp <= (0 if output.method in EXACT else 4), output
        assert output.ties == 0, output
    return artifact
