"""Small data in every form in which an estimator may meet it: dtypes, containers, kinds of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_iris, make_classification, make_regression

FORMS = ("float64", "float32", "int64", "frame")
LABELS = {
    "binary": lambda y: y % 2,
    "binary-string": lambda y: np.array(["no", "Ja"])[y % 2],
    "binary-bool": lambda y: y % 2 == 1,
    "multi": lambda y: y,
    "multi-string": lambda y: np.array(["setosa", "versicolor", "ünïcode"])[y],
    "multi-float": lambda y: np.array([-1.0, 0.0, 2.0])[y],
    "multi-object": lambda y: np.array(["b", "a", "c"], dtype=object)[y],
}


def in_form(x: np.ndarray, form: str) -> Any:
    """The matrix in this dtype; "frame" is a DataFrame of float64, float32 and int64 columns."""
    if form == "frame":
        kinds = ("float64", "float32", "int64")
        return pd.DataFrame({f"column {i}": x[:, i].astype(kinds[i % 3]) for i in range(x.shape[1])})
    return x.astype(form)


def classification(form: str, labels: str = "multi", rows: int = 150) -> tuple[Any, np.ndarray]:
    """Data of three classes that overlap, and labels of this kind (two of the classes joined where it is binary)."""
    x, y = make_classification(
        rows, 6, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, flip_y=0.1, random_state=0
    )
    return in_form(x * 3.0, form), LABELS[labels](y)


def regression(form: str, targets: int = 1, rows: int = 150) -> tuple[Any, np.ndarray]:
    """Data and `targets` targets with noise; one target is one-dimensional."""
    x, y = make_regression(rows, 6, n_targets=targets, noise=5.0, random_state=0)
    return in_form(x * 3.0, form), y


def iris() -> tuple[np.ndarray, np.ndarray]:
    """The iris data: four float64 columns full of ties, three classes."""
    return load_iris(return_X_y=True)  # type: ignore[no-any-return]


def tolerance(x: Any) -> dict[str, float]:
    """What `assert_same` allows where sums have another order than in BLAS: 1e-12, or 8 ulp of float32."""
    small = getattr(x, "dtype", None) == np.float32
    return {"rtol": 1e-6, "atol": 1e-5} if small else {"rtol": 1e-12, "atol": 1e-13}
