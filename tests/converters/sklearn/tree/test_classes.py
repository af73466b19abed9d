"""Single trees: labels, probabilities, values and leaves are bit-identical, also on the thresholds and next to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, regression
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
from thresholds import rows_on

CLASSIFIERS = [DecisionTreeClassifier(max_depth=5, random_state=0), ExtraTreeClassifier(max_leaf_nodes=20, random_state=0)]
REGRESSORS = [DecisionTreeRegressor(max_depth=6, random_state=0), ExtraTreeRegressor(min_samples_leaf=3, random_state=0)]


def cuts(model: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    inner = model.tree_.children_left >= 0
    return [(model.tree_.feature[inner], model.tree_.threshold[inner])]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda m: type(m).__name__)
def test_classifier(model: Any, form: str, labels: str) -> None:
    x, y = classification(form, labels)
    assert_same(model.fit(x, y), x, outputs=["predict", "predict_proba", "apply"])


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_log_probabilities() -> None:
    x, y = classification("float64")
    assert_same(DecisionTreeClassifier(max_depth=3).fit(x, y), x, outputs=["predict_log_proba"], rtol=1e-15)


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", REGRESSORS, ids=lambda m: type(m).__name__)
def test_regressor(model: Any, form: str, targets: int) -> None:
    x, y = regression(form, targets)
    assert_same(model.fit(x, y), x, outputs=["predict", "apply"])


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda m: type(m).__name__)
def test_several_outputs_with_different_numbers_of_classes(model: Any) -> None:
    x, y = classification("float64")
    both = np.stack([y * 10, y % 2], axis=1)
    assert_same(model.fit(x, both), x, outputs=["predict", "predict_proba", "apply"])
    assert_same(model.fit(x, both), x, outputs=["predict_log_proba"], rtol=1e-15)
    assert_same(model.fit(x, both.astype(str)), x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("missing", [False, True])
def test_on_the_thresholds(dtype: type, missing: bool) -> None:
    x, y = classification(np.dtype(dtype).name)
    if missing:
        x[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    model = DecisionTreeClassifier(random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x, missing=missing), ["predict", "predict_proba", "apply"])


def test_missing_values_that_training_never_saw() -> None:
    x, y = load_iris(return_X_y=True)
    model = DecisionTreeRegressor(random_state=0).fit(x, y)
    data = x.copy()
    data[np.random.default_rng(0).random(x.shape) < 0.3] = np.nan
    assert_same(model, data, data, ["predict", "apply"])


def test_a_split_on_nothing_but_missing() -> None:
    x = np.array([[1.0], [1.0], [np.nan], [np.nan]])
    model = DecisionTreeClassifier().fit(x, [0, 0, 1, 1])
    assert np.isinf(model.tree_.threshold[0])
    assert_same(model, x, np.array([[1e30], [-1e30], [np.nan], [0.0]]))


def test_a_tree_that_is_a_single_leaf() -> None:
    x, y = load_iris(return_X_y=True)
    assert_same(
        DecisionTreeClassifier(max_depth=1, min_samples_leaf=140).fit(x, y), x, outputs=["predict", "predict_proba", "apply"]
    )
    assert_same(DecisionTreeRegressor().fit(x, np.zeros(150)), x)


@pytest.mark.parametrize("opset", [17, 20])
def test_older_opsets_are_exact_too(opset: int) -> None:
    x, y = classification("float64")
    model = DecisionTreeClassifier(random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), ["predict", "predict_proba", "apply"], target_opset=opset)


def test_fast_mode_keeps_the_leaves() -> None:
    x, y = classification("float32")
    model = DecisionTreeClassifier(random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), ["predict", "apply"], mode="fast")
