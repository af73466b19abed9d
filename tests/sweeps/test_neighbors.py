"""Neighbours: metrics, weights, algorithms and element types, with many rows at the same distance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    NearestCentroid,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from sweeps.rows import classes, numbers, rows
from sweeps.sweep import sweep

WEIGHTS = {"w": np.array([1.0, 0.5, 2.0, 1.0, 3.0])}
INVERSE = {"VI": np.diag([1.0, 2.0, 0.5, 1.0, 3.0]) + 0.1}
TREES: list[tuple[str, dict[str, Any]]] = [
    ("few", {"n_neighbors": 17, "algorithm": "kd_tree", "leaf_size": 2}),
    ("int64", {"n_neighbors": 5, "weights": "distance"}),
    ("int8", {"n_neighbors": 8, "algorithm": "ball_tree", "leaf_size": 3, "metric": "manhattan"}),
    ("bool", {"n_neighbors": 3, "metric": "hamming", "algorithm": "ball_tree"}),
    ("uint8", {"n_neighbors": 5, "metric": "canberra", "leaf_size": 5}),
    ("duplicated", {"n_neighbors": 2, "metric": "chebyshev", "weights": "distance"}),
    ("frame", {"n_neighbors": 20, "metric": "minkowski", "p": 1}),
    ("scaled", {"n_neighbors": 4, "metric": "seuclidean", "metric_params": {"V": np.array([1e6, 1e-6, 1.0, 2500.0, 1.0])}}),
    ("float32", {"n_neighbors": 5, "metric": "mahalanobis", "metric_params": INVERSE, "algorithm": "ball_tree"}),
    ("few", {"n_neighbors": 6, "metric": "minkowski", "p": 3, "metric_params": WEIGHTS, "algorithm": "ball_tree"}),
]
BRUTE: list[tuple[str, dict[str, Any]]] = [
    ("float64", {"metric": "cosine"}),
    ("float64", {"metric": "correlation", "n_neighbors": 3}),
    ("float32", {"metric": "manhattan", "weights": "distance"}),
    ("scaled", {"metric": "canberra", "n_neighbors": 7}),
    ("frame", {"metric": "braycurtis", "weights": "distance"}),
    ("few", {"metric": "manhattan"}),
    ("csr", {"metric": "euclidean"}),
    ("float64", {"metric": "mahalanobis", "metric_params": INVERSE}),
    ("duplicated", {"metric": "euclidean", "n_neighbors": 1}),
]


def name(kind: str, parameters: dict[str, Any]) -> str:
    return f"{kind}-" + "-".join(str(v) for v in parameters.values() if not isinstance(v, dict))


CASES = [*TREES, *((kind, {"algorithm": "brute", **p}) for kind, p in BRUTE)]


@pytest.mark.parametrize(("kind", "parameters"), CASES, ids=[name(*case) for case in CASES])
def test_classifier(kind: str, parameters: dict[str, Any]) -> None:
    x = rows(kind, 3)
    sweep(name(kind, parameters), KNeighborsClassifier(**parameters), x, classes(x, "text", 3))


@pytest.mark.parametrize(("kind", "parameters"), CASES[::3], ids=[name(*case) for case in CASES[::3]])
def test_regressor_of_several_targets(kind: str, parameters: dict[str, Any]) -> None:
    x = rows(kind, 4)
    sweep(name(kind, parameters), KNeighborsRegressor(**parameters), x, numbers(x, 2))


@pytest.mark.parametrize("kind", ["int64", "few", "frame"])
def test_unsupervised(kind: str) -> None:
    sweep(kind, NearestNeighbors(n_neighbors=18, leaf_size=4), rows(kind, 5))
    sweep(kind, KNeighborsTransformer(n_neighbors=4, metric="manhattan"), rows(kind, 5))


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
@pytest.mark.parametrize("kind", ["few", "scaled", "uint8"])
def test_radius(kind: str, algorithm: str) -> None:
    x = rows(kind, 6)
    parameters = {"algorithm": algorithm, "radius": 400.0 if kind == "scaled" else 2.5, "metric": "manhattan"}
    model = RadiusNeighborsClassifier(**parameters, outlier_label="most_frequent")
    sweep(name(kind, parameters), model, x, classes(x, "negative", 3))
    for targets in (np.float64, np.float32, np.int64):
        sweep(name(kind, parameters), RadiusNeighborsRegressor(**parameters), x, numbers(x).astype(targets))


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("kind", ["scaled", "few", "csr"])
def test_nearest_centroid(kind: str, metric: str) -> None:
    x = rows(kind, 7)
    sweep(kind, NearestCentroid(metric=metric), x, classes(x, "float", 4))
