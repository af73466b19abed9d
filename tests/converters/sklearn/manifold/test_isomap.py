"""Isomap: new rows enter the graph through their neighbours."""

from __future__ import annotations

from typing import Any

import pytest
from compare import assert_same, converted
from samples import FORMS, classification
from sklearn.manifold import Isomap

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("parameters", [{}, {"n_neighbors": 7, "n_components": 3, "metric": "manhattan"}], ids=str)
def test_every_form_of_data(parameters: dict[str, Any], form: str) -> None:
    x, _ = classification(form)
    close = {"rtol": 1e-6, "atol": 1e-4} if form == "float32" else {"rtol": 1e-12, "atol": 1e-11}
    assert_same(Isomap(**parameters).fit(x), x, **close)


def test_new_rows() -> None:
    x, _ = classification("float64")
    assert_same(Isomap(n_neighbors=6).fit(x[::2]), x, rtol=1e-12, atol=1e-11)


def test_a_radius_is_refused() -> None:
    x, _ = classification("float64", rows=60)
    with pytest.raises(UnsupportedError, match="radius"):
        converted(Isomap(n_neighbors=None, radius=30.0).fit(x), x)


def test_proof() -> None:
    x, _ = classification("float64", rows=60)
    assert vo.convert(Isomap(n_neighbors=6).fit(x), x).certificate.passed
