"""Many columns of text are looked up together, in as many nodes for ten as for forty, and mean what they did alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import vajra_onnx as vo
from vajra_onnx.converters.sklearn import choices
from vajra_onnx.export import build_model

ROWS = 60


def table(columns: int, *, missing: bool = False, same: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """Texts [ROWS, columns], some of them categories of several columns, and labels."""
    rng = np.random.default_rng(columns)
    words = [["x", "y"] if same else ["x", f"own {i}", *"abcdefg"[: i % 5]] for i in range(columns)]
    texts = pd.DataFrame({f"c{i}": rng.choice(w, ROWS).astype(object) for i, w in enumerate(words)})
    if missing:
        texts = texts.mask(rng.random(texts.shape) < 0.1)
    return texts, rng.integers(0, 2, ROWS)


MODELS: dict[str, Any] = {
    "linear": lambda: make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()),
    "dropped": lambda: make_pipeline(OneHotEncoder(drop="first", handle_unknown="ignore"), LogisticRegression()),
    "infrequent": lambda: make_pipeline(
        OneHotEncoder(min_frequency=12, handle_unknown="infrequent_if_exist"), LogisticRegression()
    ),
    "imputed": lambda: make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"), LogisticRegression()
    ),
    "selected": lambda: make_pipeline(OneHotEncoder(handle_unknown="ignore"), SelectKBest(k=9), LogisticRegression()),
    "trees": lambda: make_pipeline(OneHotEncoder(handle_unknown="ignore"), RandomForestClassifier(9, random_state=0)),
    "rows": lambda: make_pipeline(
        OneHotEncoder(handle_unknown="ignore", sparse_output=False), KNeighborsClassifier(3, algorithm="brute")
    ),
    "refused": lambda: make_pipeline(OneHotEncoder(), LogisticRegression()),
}


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_what_is_looked_up_together_is_proved(name: str, same: bool) -> None:
    texts, y = table(choices.TOGETHER + 3, missing=name == "imputed", same=same)
    certificate = vo.convert(MODELS[name]().fit(texts, y), texts).certificate
    assert certificate.passed


def test_the_rows_are_the_originals_bit_by_bit() -> None:
    texts, _ = table(12)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32).fit(texts)
    certificate = vo.convert(encoder, texts).certificate
    assert certificate.outputs[0].bit_identical == certificate.outputs[0].rows


@pytest.mark.parametrize("name", ["linear", "imputed", "trees", "rows"])
def test_nodes_do_not_grow_with_columns(name: str) -> None:
    counts = []
    for columns in (10, 40):
        texts, y = table(columns, missing=name == "imputed")
        counts.append(len(build_model(MODELS[name]().fit(texts, y), texts)[0].graph.node))
    assert counts[0] == counts[1]


def test_a_large_vocabulary_is_looked_up_in_several_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST_ENTRIES", 150)
    texts, y = table(24)
    model = MODELS["linear"]().fit(texts, y)
    artifact = vo.convert(model, texts)
    assert artifact.certificate.passed
    assert sum(node.op_type == "LabelEncoder" for node in artifact.model.graph.node) > 1
