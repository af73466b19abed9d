"""Rows on which trees of float32 thresholds decide by one ulp, and small data for XGBoost."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

ROWS, FEATURES = 300, 4


def numbers(seed: int = 0) -> np.ndarray:
    """float32 [300, 4] with many ties and some missing values."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32).round(1)
    x[random.random(x.shape) < 0.1] = np.nan
    return x


def at_splits(booster: Any, x: np.ndarray, *, infinite: bool = True) -> np.ndarray:
    """Rows of `x`, and among them values at every split threshold and 1 ulp beside it, signed zeros, extremes, infinities.

    infinite: False leaves infinities out, which XGBoost's DMatrix refuses.
    """
    values = [
        [f, v]
        for f, t in _splits(booster)
        for v in (t, np.nextafter(t, np.float32(np.inf)), np.nextafter(t, np.float32(-np.inf)))
    ]
    extremes = [-0.0, 0.0, 1e30, -1e30, 1e-45, np.nan] + [np.inf, -np.inf] * infinite
    values += [[f, np.float32(v)] for f in range(x.shape[1]) for v in extremes]
    rows = x[np.arange(len(values)) % len(x)].copy()
    for row, (feature, value) in zip(rows, values, strict=True):
        row[feature] = value
    return np.concatenate([x[:50], rows])


def _splits(booster: Any) -> list[tuple[int, np.float32]]:
    content = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    trees = (content.get("gbtree") or content)["model"].get("trees", [])
    return [
        (feature, np.float32(threshold))
        for tree in trees
        for feature, threshold, left in zip(tree["split_indices"], tree["split_conditions"], tree["left_children"], strict=True)
        if left >= 0
    ]


def ulps(got: np.ndarray, expected: np.ndarray) -> int:
    """The largest distance of two float32 arrays, counted in float32 numbers between them."""
    assert got.dtype == expected.dtype == np.float32
    assert got.shape == expected.shape
    if not got.size:
        return 0
    a, b = (np.where(i < 0, -(i & 0x7FFFFFFF), i) for i in (v.view(np.int32).astype(np.int64) for v in (got, expected)))
    return int(np.abs(a - b).max())
