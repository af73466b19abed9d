"""Nearest centroids, shrunken or not, with equal and with other priors."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, classification, iris
from sklearn.neighbors import NearestCentroid

import vajra_onnx as vo

ALL = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("priors", ["uniform", "empirical", [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("shrink", [None, 0.4])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_all_outputs(form: str, priors: object, shrink: float | None, metric: str) -> None:
    x, y = classification(form, "multi-string")
    x = np.asarray(x) if form == "frame" else x
    model = NearestCentroid(metric=metric, shrink_threshold=shrink, priors=priors).fit(x, y)
    assert_same(model, x, outputs=ALL if metric == "euclidean" else ["predict"], rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("priors", ["uniform", [0.3, 0.7]])
def test_two_classes(priors: object) -> None:
    x, y = classification("float64", "binary-bool")
    assert_same(NearestCentroid(priors=priors).fit(x, y), x, outputs=ALL, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(
    "model", [NearestCentroid(), NearestCentroid(metric="manhattan"), NearestCentroid(priors=[0.2, 0.3, 0.5])]
)
def test_proof(model: NearestCentroid) -> None:
    x, y = iris()
    vo.convert(model.fit(x, y), x, outputs=["predict"])
