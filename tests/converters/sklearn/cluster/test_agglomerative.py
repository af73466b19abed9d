"""Clusters of features, pooled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification
from sklearn.cluster import FeatureAgglomeration

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pooling", [np.mean, np.max, np.min, np.median])
@pytest.mark.parametrize("clusters", [1, 3, 6])
def test_bit_by_bit(form: str, pooling: Any, clusters: int) -> None:
    x, _ = classification(form)
    assert_same(FeatureAgglomeration(clusters, pooling_func=pooling).fit(x), x)


def test_another_function_is_refused() -> None:
    x, _ = classification("float64")
    with pytest.raises(UnsupportedError, match="pooling_func"):
        converted(FeatureAgglomeration(3, pooling_func=np.std).fit(x), x)


def test_proof() -> None:
    x, _ = classification("float64")
    vo.convert(FeatureAgglomeration(3).fit(x), x)
