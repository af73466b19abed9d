"""Dummy estimators: constant answers for any data, text included; random ones are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from samples import LABELS, classification, regression
from sklearn.dummy import DummyClassifier, DummyRegressor

from vajra_onnx.errors import UnsupportedError

OUTPUTS = ["predict", "predict_proba", "predict_log_proba"]
pytestmark = pytest.mark.filterwarnings("ignore:divide by zero")


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("strategy", ["most_frequent", "prior"])
def test_classifier(strategy: str, labels: str) -> None:
    x, y = classification("float64", labels)
    assert_same(DummyClassifier(strategy=strategy).fit(x, y), x, outputs=OUTPUTS)


def test_constant_and_many_outputs() -> None:
    x, y = classification("float64", "multi-string")
    assert_same(DummyClassifier(strategy="constant", constant="setosa").fit(x, y), x, outputs=OUTPUTS)
    assert_same(DummyClassifier(strategy="prior").fit(x, np.stack([y, y[::-1]], axis=1)), x, outputs=OUTPUTS)


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_random_strategies_are_refused(strategy: str) -> None:
    x, y = classification("float64")
    with pytest.raises(UnsupportedError, match=strategy):
        converted(DummyClassifier(strategy=strategy).fit(x, y), x)


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("parameters", [{}, {"strategy": "median"}, {"strategy": "quantile", "quantile": 0.3}], ids=str)
def test_regressor(parameters: dict[str, Any], targets: int) -> None:
    x, y = regression("float64", targets)
    assert_same(DummyRegressor(**parameters).fit(x, y), x)


def test_data_is_not_looked_at() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "number": [1, 2, 3]})
    assert_same(DummyClassifier().fit(frame, ["x", "y", "y"]), frame, outputs=OUTPUTS)
