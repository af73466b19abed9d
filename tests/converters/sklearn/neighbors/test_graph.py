"""Graphs of neighbours as columns."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import FORMS, classification, iris
from sklearn.neighbors import KNeighborsTransformer

import vajra_onnx as vo


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "options",
    [{}, {"mode": "connectivity", "n_neighbors": 3}, {"metric": "manhattan"}, {"metric": "cosine", "mode": "connectivity"}],
    ids=str,
)
def test_bit_by_bit(form: str, options: dict[str, Any]) -> None:
    x, _ = classification(form, rows=60)
    assert_same(KNeighborsTransformer(**options).fit(x), x, outputs=["transform"])


def test_proof() -> None:
    x, _ = iris()
    x = x[::5]
    vo.convert(KNeighborsTransformer(n_neighbors=3).fit(x), x, outputs=["transform"])
