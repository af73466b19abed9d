"""Neighbourhood components: a linear projection."""

from __future__ import annotations

import pytest
from compare import assert_same
from samples import FORMS, classification, tolerance
from sklearn.neighbors import NeighborhoodComponentsAnalysis

import vajra_onnx as vo


@pytest.mark.parametrize("form", FORMS)
def test_projection(form: str) -> None:
    x, y = classification(form, rows=60)
    assert_same(NeighborhoodComponentsAnalysis(3, random_state=0, max_iter=5).fit(x, y), x, **tolerance(x))


def test_proof() -> None:
    x, y = classification("float64", rows=60)
    vo.convert(NeighborhoodComponentsAnalysis(2, random_state=0, max_iter=5).fit(x, y), x)
