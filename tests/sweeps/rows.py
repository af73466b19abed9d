"""Rows that nobody tuned: five columns of every element type, on several scales, with duplicates, constants and many ties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

COUNT = 120


def rows(kind: str, seed: int = 0) -> Any:
    """[COUNT, 5] of this kind: an array, a DataFrame or a sparse matrix."""
    z = np.random.default_rng(seed).normal(size=(COUNT, 5))
    if kind in ("float64", "float32"):
        return z.astype(kind)
    if kind in ("scaled", "scaled32"):
        wide = z * [1e3, 1e-3, 1.0, 50.0, 1.0] + [500.0, 0.0, 10.0, 0.0, -3.0]
        return wide if kind == "scaled" else wide.astype(np.float32)
    if kind == "duplicated":
        z = np.round(z, 1)
        z[1::3], z[:, 2] = z[0::3], 1.5
        return z
    if kind == "few":
        return np.clip(np.round(z), -2, 2)
    if kind in ("int64", "int32", "int8"):
        return np.round(z * 3).astype(kind)
    if kind == "uint8":
        return np.clip(np.round(z * 2 + 4), 0, 255).astype(np.uint8)
    if kind == "bool":
        return z > 0
    if kind == "frame":
        whole = np.round(z[:, 1] * 3).astype(np.int64)
        return pd.DataFrame({"a": z[:, 0], "b b": whole, "ç": z[:, 2].astype(np.float32), "d": z[:, 3] > 0, "e": z[:, 4]})
    if kind == "csr":
        return scipy.sparse.csr_matrix(np.where(np.abs(z) > 0.7, z, 0.0))
    raise KeyError(kind)


def score(x: Any) -> np.ndarray:
    """[N]: a function of the standardised columns that is not linear."""
    data = np.asarray(x.toarray() if hasattr(x, "toarray") else x, np.float64)
    spread = data.std(axis=0)
    z = (data - data.mean(axis=0)) / np.where(spread == 0, 1.0, spread)
    return np.asarray(z[:, 0] + 0.7 * z[:, 1] - z[:, 3] + 0.5 * z[:, 4] * z[:, 0])


LABELS: dict[str, list[Any]] = {
    "text": ["żółw", "b", "企鵝", "a a"],
    "negative": [-5, 3, -1, 10],
    "bool": [False, True],
    "float": [1.0, 2.0, 5.0, -3.0],
}


def classes(x: Any, kind: str, count: int, seed: int = 0) -> np.ndarray:
    """[N]: so many classes, with labels of this kind; the first rows have one each."""
    noisy = score(x) + np.random.default_rng(seed + 1).normal(size=x.shape[0]) * 0.4
    index = np.searchsorted(np.quantile(noisy, np.arange(1, count) / count), noisy)
    index[:count] = np.arange(count)
    return np.asarray(np.array(LABELS[kind][:count])[index])


def numbers(x: Any, outputs: int = 0, seed: int = 0) -> np.ndarray:
    """[N], or [N, outputs]."""
    noise = np.random.default_rng(seed + 2).normal(size=(x.shape[0], max(outputs, 1)))
    targets = noise + 3 * score(x).reshape(-1, 1) * np.arange(1, max(outputs, 1) + 1)
    return np.asarray(targets if outputs else targets[:, 0])
