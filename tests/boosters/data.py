"""Rows and targets for the matrix of boosters: every kind of data that the three libraries take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

ROWS = 160
KINDS: dict[str, Callable[[np.random.Generator], Any]] = {}


def kind(function: Callable[[np.random.Generator], Any]) -> Callable[[np.random.Generator], Any]:
    """A kind of rows, by the name of the function."""
    KINDS[function.__name__] = function
    return function


@kind
def float32(rng: np.random.Generator) -> np.ndarray:
    """Numbers with gaps."""
    return float64(rng).astype(np.float32)


@kind
def float64(rng: np.random.Generator) -> np.ndarray:
    """Numbers with gaps, most of them between two neighbouring float32."""
    x = rng.normal(size=(ROWS, 5)) * [1.0, 1e3, 1e-3, 1.0, 10.0]
    x[:, 3] = np.round(x[:, 3], 1)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


@kind
def integers(rng: np.random.Generator) -> np.ndarray:
    """Few values each, so that splits meet them exactly."""
    return rng.integers(-5, 6, (ROWS, 5))


@kind
def frame(rng: np.random.Generator) -> pd.DataFrame:
    """Columns of several dtypes, under names that are not in order."""
    x = float64(rng)
    return pd.DataFrame(
        {"z": x[:, 0], "b": x[:, 1].astype(np.float32), "yes": rng.random(ROWS) < 0.5, "a": rng.integers(0, 9, ROWS)}
    )


@kind
def categories(rng: np.random.Generator) -> pd.DataFrame:
    """Numbers beside a column of text and one of whole numbers, both categorical, with gaps but where no library takes them."""
    words = rng.choice(["Adelie", "Chinstrap", "Gentoo", "Emperor", "King"], ROWS)
    return pd.DataFrame(
        {"size": float64(rng)[:, 0], "kind": pd.Categorical(words), "code": pd.Categorical(rng.integers(10, 18, ROWS))}
    )


def number(x: Any, rng: np.random.Generator) -> np.ndarray:
    """A positive number that depends on the rows."""
    return np.asarray(np.exp(0.3 * signal(x)) + 0.05 * rng.random(len(x)))


def share(x: Any, rng: np.random.Generator) -> np.ndarray:
    """A number between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-signal(x))))


def two(x: Any, rng: np.random.Generator) -> np.ndarray:
    """0 or 1."""
    return (signal(x) + 0.3 * rng.normal(size=len(x)) > 0).astype(np.int64)


def three(x: Any, rng: np.random.Generator) -> np.ndarray:
    """0, 1 or 2."""
    return np.digitize(signal(x) + 0.3 * rng.normal(size=len(x)), [-0.5, 0.5])


def pair(x: Any, rng: np.random.Generator) -> np.ndarray:
    """Two numbers a row."""
    return np.stack([number(x, rng), signal(x)], axis=1)


def both(x: Any, rng: np.random.Generator) -> np.ndarray:
    """Two labels a row."""
    return np.stack([two(x, rng), two(-x if isinstance(x, np.ndarray) else x, rng)], axis=1)


def signal(x: Any) -> np.ndarray:
    """What there is to learn: [N], about normal."""
    if isinstance(x, pd.DataFrame):
        x = x.apply(lambda column: column.cat.codes if isinstance(column.dtype, pd.CategoricalDtype) else column).to_numpy(float)
    x = np.nan_to_num(np.asarray(x, float))
    x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-12)
    return np.asarray(x[:, 0] + 0.7 * x[:, 1] * (x[:, 2] > 0))
