"""Support vector machines: kernels, shapes, classes and labels, on columns of several scales and on constant ones."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, OneClassSVM
from sweeps.rows import classes, numbers, rows
from sweeps.sweep import sweep

CASES: list[tuple[str, str, int, dict[str, Any]]] = [
    ("scaled", "text", 4, {"kernel": "linear", "max_iter": 2000}),
    ("duplicated", "text", 3, {"kernel": "linear", "C": 50.0}),
    ("int32", "bool", 2, {"kernel": "poly", "degree": 2, "coef0": 1.5, "gamma": 0.3}),
    ("few", "negative", 2, {"kernel": "poly", "degree": 3}),
    ("frame", "float", 4, {"kernel": "rbf", "break_ties": True}),
    ("float32", "negative", 3, {"kernel": "sigmoid", "decision_function_shape": "ovo"}),
    ("csr", "text", 3, {"kernel": "rbf", "gamma": "auto", "class_weight": "balanced"}),
    ("bool", "bool", 2, {"kernel": "rbf", "C": 0.01}),
]


@pytest.mark.parametrize(("kind", "labels", "count", "parameters"), CASES, ids=lambda v: str(v) if isinstance(v, str) else None)
def test_classifier(kind: str, labels: str, count: int, parameters: dict[str, Any]) -> None:
    x = rows(kind, 1)
    sweep(f"{kind} {parameters}", SVC(**parameters), x, classes(x, labels, count))


@pytest.mark.parametrize("kernel", ["linear", "poly", "sigmoid"])
@pytest.mark.parametrize("kind", ["scaled", "int64", "duplicated"])
def test_regressor(kind: str, kernel: str) -> None:
    x = rows(kind, 2)
    sweep(f"{kind} {kernel}", SVR(kernel=kernel, max_iter=2000), x, numbers(x))


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_outliers_and_nu(kernel: str) -> None:
    x = rows("few", 3)
    sweep(kernel, OneClassSVM(kernel=kernel), x)
    sweep(kernel, NuSVC(kernel=kernel, nu=0.1), x, classes(x, "float", 3))
    sweep(kernel, LinearSVC(dual=False), x, classes(x, "float", 3))
