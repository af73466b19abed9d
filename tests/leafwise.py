"""Small data and models for LightGBM, and rows on which its trees decide by one ulp."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import scipy.sparse
from compare import assert_equal, converted, original
from thresholds import rows_on

import vajra_onnx as vo
from vajra_onnx.artifact import Artifact

ROWS = 300
SMALL: dict[str, Any] = {"n_estimators": 6, "num_leaves": 7, "min_child_samples": 5, "n_jobs": 1, "verbose": -1}
# Values around 1e-35, below which LightGBM takes a number for zero; codes that are negative, fractional, too large for an int.
TINY = [1e-35, -1e-35, 1e-36, -1e-36, float(np.float32(1e-35)), -float(np.float32(1e-35)), 5e-324, -5e-324, 0.0, -0.0]
CODES = [-1, -0.5, 0.5, 3.99, 31, 32, 63, 64, 65, 99, 100, 2.0**31 - 1, 2.0**31, 2.0**32 + 3, 2.0**63, 1e300]
EXACT = ("margin", "decision_function", "apply")
LINK_ULPS = 4


def numbers(seed: int = 0, dtype: type = np.float64) -> np.ndarray:
    """[300, 4]: ties, zeros, missing values; the last column has no missing ones, the first one tiny ones."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 4)).round(1)
    x[:, :3][rng.random((ROWS, 3)) < 0.1] = np.nan
    x[:, 0] = np.where(rng.random(ROWS) < 0.3, rng.choice(TINY, ROWS), x[:, 0])
    return x.astype(dtype)


def codes(seed: int = 0) -> np.ndarray:
    """[300, 4]: 100 and 3 categories as whole numbers, in the columns 1 and 3, of which some are missing."""
    rng = np.random.default_rng(seed)
    x = numbers(seed)
    x[:, 1], x[:, 3] = rng.integers(0, 100, ROWS), rng.integers(0, 3, ROWS)
    x[:, 1][rng.random(ROWS) < 0.05] = np.nan
    return x


def frame(seed: int = 0) -> pd.DataFrame:
    """300 rows of every dtype that LightGBM takes."""
    rng, x = np.random.default_rng(seed), numbers(seed)
    data = pd.DataFrame({"a b": x[:, 0], "größe": x[:, 1].astype(np.float32), "count": rng.integers(0, 2**60, ROWS)})
    data["small"], data["yes"] = rng.integers(0, 9, ROWS).astype(np.int8), rng.random(ROWS) < 0.3
    data["text"] = pd.Categorical(rng.choice(list("zyxé"), ROWS), categories=list("zyxé"))
    data["number"] = pd.Categorical(rng.choice([30, 10, 20], ROWS), categories=[30, 10, 20])
    data.loc[rng.random(ROWS) < 0.05, ["text", "number"]] = None
    return data


def sparse(seed: int = 0) -> scipy.sparse.csr_matrix:
    """[300, 4], stored zeros and missing values among the entries."""
    x = scipy.sparse.csr_matrix(np.where(np.random.default_rng(seed).random((ROWS, 4)) < 0.5, 0, numbers(seed)))
    x.data[::9] = 0
    return x


def integers(dtype: type) -> np.ndarray:
    """[300, 4]: numbers that float32, which LightGBM makes of arrays of integers, cannot tell apart."""
    x = np.random.default_rng(0).integers(0, 2**28, (ROWS, 4))
    x[:150] //= 2**24
    return x.astype(dtype)


DATA = {"numbers": numbers, "codes": codes, "frame": frame, "sparse": sparse, "integers": lambda: integers(np.int64)}


def target(seed: int = 1) -> np.ndarray:
    """[300] numbers between 0 and 1 that depend on all kinds of data."""
    x = np.nan_to_num(codes(0))
    effect = np.random.default_rng(seed).normal(size=100)
    y = np.clip(x[:, 0], -2, 2) + effect[x[:, 1].astype(int)] + x[:, 3] + np.sin(np.arange(ROWS) / 20)
    return 1 / (1 + np.exp(-y))


def classes(count: int = 3) -> np.ndarray:
    """[300] whole numbers below `count`."""
    return np.digitize(target(), np.quantile(target(), np.arange(1, count) / count))


def fitted(kind: type, data: Any, labels: np.ndarray, **options: Any) -> Any:
    """An estimator of LightGBM; the columns 1 and 3 of arrays of codes are categorical."""
    fit = {"categorical_feature": [1, 3]} if options.pop("categorical", False) else {}
    return kind(**{**SMALL, **options}).fit(data, labels, **fit)


def at_thresholds(model: Any, x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rows of values on the thresholds and next to them, tiny and huge ones, codes of no category, NaN and infinities."""
    booster = model if isinstance(model, lightgbm.Booster) else model.booster_
    rng = np.random.default_rng(seed)
    with np.errstate(over="ignore"):
        rows = rows_on(_cuts(booster), x, missing=True, infinite=True, seed=seed)
        odd = rng.choice(np.array([*TINY, *CODES]).astype(x.dtype), rows.shape)
    return np.where(rng.random(rows.shape) < 0.2, odd, rows)


def _cuts(booster: lightgbm.Booster) -> list[tuple[np.ndarray, np.ndarray]]:
    """The features and thresholds of each tree, those of categories left out. Not from `dump_model`, which may be no JSON."""
    cuts = [(np.zeros(1, int), np.zeros(1))]
    for tree in booster.model_to_string().split("\nTree=")[1:]:
        keys = dict(line.split("=") for line in tree.split("\n\n")[0].split("\n")[1:])
        feature, kind = (np.array(keys[name].split(), int) for name in ("split_feature", "decision_type"))
        cuts.append((feature[kind & 1 == 0], np.array(keys["threshold"].split(), float)[kind & 1 == 0]))
    return cuts


def assert_exact(model: Any, sample: Any, data: Any = None, outputs: Any = None) -> None:
    """Raw scores, leaves and labels are LightGBM's own, bit for bit, the rest within 4 ulp of float64; at batch N and batch 1."""
    data = sample if data is None else data
    names = outputs or [*_methods(model), "margin", "apply"]
    session, methods = converted(model, sample, names)
    for batch in (data, *(data[i : i + 1] for i in range(3))):
        answers = session.run(batch)
        for name, method in methods.items():
            rtol = 0.0 if method in EXACT else LINK_ULPS * 2.0**-52
            assert_equal(answers[name], original(model, batch, method), name, rtol)


def proved(model: Any, sample: Any, outputs: Any = None) -> Artifact:
    """The artifact, whose proof on adversarial rows found every raw score and label the same, and no link more than 4 ulp off."""
    artifact = vo.convert(model, sample, outputs or [*_methods(model), "margin", "apply"])
    for output in artifact.certificate.outputs:
        assert output.max_ulp <= (0 if output.method in EXACT else LINK_ULPS), output
        assert output.ties == 0, output
    return artifact


def _methods(model: Any) -> list[str]:
    if callable(getattr(model, "objective_", None)) and hasattr(model, "classes_"):
        return []
    return ["predict", "predict_proba", "decision_function"] if hasattr(model, "classes_") else ["predict"]
