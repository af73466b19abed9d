"""LocallyLinearEmbedding: weights that rebuild a row from its neighbours."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same
from samples import classification
from sklearn.manifold import LocallyLinearEmbedding

import vajra_onnx as vo

PARAMETERS: list[dict[str, Any]] = [{"n_neighbors": 6}, {"n_neighbors": 12, "n_components": 3, "reg": 1e-2}]


@pytest.mark.parametrize("form", ["float64", "int64", "frame"])
@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_every_form_of_data(parameters: dict[str, Any], form: str) -> None:
    x, _ = classification(form)
    assert_same(LocallyLinearEmbedding(random_state=0, **parameters).fit(x), x, rtol=1e-12, atol=1e-12)


def test_new_rows() -> None:
    x, _ = classification("float64")
    assert_same(LocallyLinearEmbedding(random_state=0).fit(x[::2]), x, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", ["float64", "float32"])
@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_proof(parameters: dict[str, Any], form: str) -> None:
    x, _ = classification(form, rows=60)
    assert vo.convert(LocallyLinearEmbedding(random_state=0, **parameters).fit(x), x).certificate.passed
