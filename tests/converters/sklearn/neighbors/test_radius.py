"""Neighbours within a radius: votes, means, graphs, and rows that have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris, regression
from sklearn.neighbors import RadiusNeighborsClassifier, RadiusNeighborsRegressor, RadiusNeighborsTransformer

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError

BOTH = ["predict", "predict_proba"]
OPTIONS = [
    {"radius": 6.0},
    {"radius": 5.0, "weights": "distance"},
    {"radius": 9.0, "metric": "manhattan", "algorithm": "ball_tree"},
    {"radius": 4.0, "metric": "chebyshev", "weights": "distance"},
]
pytestmark = pytest.mark.filterwarnings("ignore:One or more samples have no neighbors", "ignore:Outlier label")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_classifier(options: dict[str, Any], form: str) -> None:
    x, y = classification(form, "multi-string", rows=100)
    for outlier in ("most_frequent", "none"):
        model = RadiusNeighborsClassifier(outlier_label=outlier, **options).fit(x, y)
        exact = options.get("weights") is None
        assert_same(model, x, outputs=BOTH, rtol=0.0 if exact else 1e-12)
        if form != "frame":
            assert_same(model, x, x * 4, outputs=BOTH, rtol=0.0 if exact else 1e-12)


def test_classifier_of_several_outputs() -> None:
    x, y = classification("float64", rows=100)
    model = RadiusNeighborsClassifier(5.0, outlier_label=[2, 0]).fit(x, np.column_stack([y, y % 2]))
    assert_same(model, x, x * 4, outputs=BOTH)


def test_a_row_without_neighbours_is_refused() -> None:
    x, y = classification("float64", rows=100)
    session, _ = converted(RadiusNeighborsClassifier(6.0).fit(x, y), x, BOTH)
    with pytest.raises(InputError, match="within the radius"):
        session.run(x * 100)
    assert_same(RadiusNeighborsClassifier(6.0).fit(x, y), x, outputs=BOTH)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_regressor(options: dict[str, Any], form: str) -> None:
    for targets in (1, 2):
        x, y = regression(form, targets, rows=100)
        model = RadiusNeighborsRegressor(**options).fit(x, y)
        assert_same(model, x, x if form == "frame" else np.concatenate([x, x * 4]), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mode", ["distance", "connectivity"])
def test_graph(mode: str, form: str) -> None:
    x, _ = classification(form, rows=60)
    assert_same(RadiusNeighborsTransformer(mode=mode, radius=5.0).fit(x), x)


def test_weights_of_a_function_are_refused_by_name() -> None:
    x, y = iris()
    model = RadiusNeighborsClassifier(1.0, weights=lambda distances: distances)
    with pytest.raises(UnsupportedError):
        converted(model.fit(x, y), x)


@pytest.mark.parametrize("model", [RadiusNeighborsClassifier(1.0, outlier_label=0), RadiusNeighborsRegressor(0.8)])
def test_proof(model: Any) -> None:
    x, y = iris()
    vo.convert(model.fit(x[::2], y[::2] * 1.0), x[::2])
