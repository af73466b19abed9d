"""Local outlier factors of new rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris
from sklearn.neighbors import LocalOutlierFactor

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

OUTPUTS = ["predict", "decision_function", "score_samples"]


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")  # the original drops them on its way
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "options",
    [
        {"n_neighbors": 10},
        {"n_neighbors": 3, "contamination": 0.1},
        {"metric": "manhattan", "algorithm": "ball_tree", "n_neighbors": 12},
    ],
    ids=str,
)
def test_trees(form: str, options: dict[str, Any]) -> None:
    x, _ = classification(form)
    model = LocalOutlierFactor(novelty=True, **options).fit(x)
    rows = x.iloc[::2] if form == "frame" else np.concatenate([x[::2], x[::5] * 3])
    # Bit-identical in scikit-learn 1.9; 1.8 sorts neighbours at the same distance, whose terms are added, in another way.
    assert_same(model, x, rows, outputs=OUTPUTS, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("options", [{}, {"n_neighbors": 5, "algorithm": "brute"}, {"n_neighbors": 9, "p": 3}], ids=str)
def test_more_than_15_neighbours_brute_force_and_powers(options: dict[str, Any]) -> None:
    x, _ = classification("float64")
    model = LocalOutlierFactor(**options, novelty=True).fit(x[:100])
    assert_same(model, x, x[100:], outputs=OUTPUTS, rtol=1e-12, atol=1e-14)


@pytest.mark.filterwarnings("ignore:n_neighbors")
def test_as_many_neighbours_as_rows() -> None:
    x, _ = classification("float64", rows=30)
    assert_same(LocalOutlierFactor(n_neighbors=30, novelty=True).fit(x[:30]), x, outputs=OUTPUTS)


def test_without_novelty_there_is_no_inference() -> None:
    x, _ = iris()
    with pytest.raises(UnsupportedError, match="novelty"):
        converted(LocalOutlierFactor().fit(x), x)


def test_proof() -> None:
    x, _ = iris()
    x = np.unique(x, axis=0)[::3]
    vo.convert(LocalOutlierFactor(n_neighbors=4, novelty=True).fit(x), x)
