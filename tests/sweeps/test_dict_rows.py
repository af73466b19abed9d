"""Parameters of the vectorizers of dict rows that change what they answer, and what stands behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ragged import CLASSES, ROWS, Row
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import Pipeline
from sweeps.sweep import sweep

RNG = np.random.default_rng(3)
FLOATS = RNG.normal(size=(len(ROWS), 3)) * [1.0, 1e3, 1e-3]


def of_keys(*keys: str) -> list[Row]:
    """The rows with these keys alone; the first has them all, so that the columns are known."""
    whole = {key: next(row[key] for row in ROWS if key in row) for key in keys}
    return [whole, *({key: value for key, value in row.items() if key in keys} for row in ROWS[1:])]


DATA: dict[str, list[Row]] = {
    "mixed": ROWS,
    "text": of_keys("city", "kind"),
    "numbers": of_keys("temp", "n", "ok"),
    "floats": [{f"x{i}": float(v) for i, v in enumerate(row)} for row in FLOATS],
    "numpy": [{"x": np.float32(row[0]), "n": np.int64(row[1]), "t": np.str_(round(row[2] * 1e3))} for row in FLOATS],
    "nan": [{"x": float("nan") if i % 5 == 0 else float(row[0]), "t": "ab"[i % 2]} for i, row in enumerate(FLOATS)],
    "None": [{"t": None if i % 4 == 0 else "ab"[i % 2], "n": i % 3} for i in range(len(ROWS))],
    "rare": [({"t": "ab"[i % 2]} if i < 45 else {}) | {"n": i % 3} for i in range(len(ROWS))],
}
VECTORIZERS: list[Any] = [
    DictVectorizer(),
    DictVectorizer(sparse=False, sort=False),
    DictVectorizer(dtype=np.float32, separator=": "),
    FeatureHasher(32),
    FeatureHasher(3, alternate_sign=False, dtype=np.float32),
]
BEHIND: list[Any] = [ExtraTreesClassifier(3, random_state=0), RidgeClassifier(), Ridge(solver="sparse_cg"), BernoulliNB()]


@pytest.mark.parametrize("kind", DATA)
def test_parameters(kind: str) -> None:
    for vectorizer in VECTORIZERS:
        if kind != "None" or not isinstance(vectorizer, FeatureHasher):  # which refuses it
            sweep(f"{vectorizer!r} of {kind}", vectorizer, DATA[kind])


@pytest.mark.parametrize("model", BEHIND, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("vectorizer", [DictVectorizer(), FeatureHasher(64)], ids=["columns", "hashed"])
def test_models_behind_them(vectorizer: Any, model: Any) -> None:
    sweep(f"{vectorizer!r}, {model!r}", Pipeline([("v", vectorizer), ("m", model)]), ROWS, CLASSES)
