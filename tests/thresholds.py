"""Rows where tree models are decided: on their thresholds, one ulp to either side, and far out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def rows_on(
    cuts: Iterable[tuple[np.ndarray, np.ndarray]],
    data: np.ndarray,
    *,
    rows: int = 300,
    missing: bool = False,
    infinite: bool = False,
    seed: int = 0,
) -> np.ndarray:
    """Rows of the dtype of `data`, each value drawn from the data, the feature's thresholds and their neighbouring floats.

    cuts: (features, thresholds) of each tree's inner nodes. The neighbours are taken in float32 and in float64.
    """
    rng = np.random.default_rng(seed)
    features, thresholds = (np.concatenate(parts) for parts in zip(*cuts, strict=True))
    columns = []
    for i in range(data.shape[1]):
        on = thresholds[features == i].astype(np.float64)
        on = on[np.isfinite(on)]
        near = on.astype(np.float32)
        pool = [data[:, i], on, np.nextafter(on, np.inf), np.nextafter(on, -np.inf), near, [0.0, -0.0, 1e30, -1e30]]
        pool += [np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf))]
        pool += [[np.nan] * (len(on) + 4)] * missing + [[np.inf, -np.inf] * 4] * infinite
        columns.append(rng.choice(np.concatenate(pool).astype(data.dtype), rows))
    return np.stack(columns, axis=1)
