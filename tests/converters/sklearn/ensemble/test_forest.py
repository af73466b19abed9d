"""Forests: means are bit-identical at any number of threads, because the trees' leaves are added in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_equal, assert_same
from samples import FORMS, LABELS, classification, regression
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from thresholds import rows_on

from vajra_onnx.export import build_model
from vajra_onnx.runtime.session import Session

CLASSIFIERS = [
    RandomForestClassifier(20, max_depth=4, random_state=0),
    ExtraTreesClassifier(20, min_samples_leaf=4, bootstrap=True, class_weight="balanced", random_state=0),
]
REGRESSORS = [
    RandomForestRegressor(20, min_samples_leaf=3, random_state=0),
    ExtraTreesRegressor(20, max_depth=5, bootstrap=True, random_state=0),
]


def cuts(model: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    inner = [(e.tree_.children_left >= 0, e.tree_) for e in model.estimators_]
    return [(tree.feature[i], tree.threshold[i]) for i, tree in inner]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda m: type(m).__name__)
def test_classifier(model: Any, form: str, labels: str) -> None:
    x, y = classification(form, labels)
    assert_same(model.fit(x, y), x, outputs=["predict", "predict_proba", "apply"])


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", REGRESSORS, ids=lambda m: type(m).__name__)
def test_regressor(model: Any, form: str, targets: int) -> None:
    x, y = regression(form, targets)
    assert_same(model.fit(x, y), x, outputs=["predict", "apply"])


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_several_outputs_and_log_probabilities() -> None:
    x, y = classification("float64")
    model = CLASSIFIERS[0].fit(x, np.stack([y, y % 2], axis=1))
    assert_same(model, x, outputs=["predict", "predict_proba"])
    assert_same(model, x, outputs=["predict_log_proba"], rtol=2e-16, atol=2e-16)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_on_the_thresholds(dtype: type, missing: bool) -> None:
    x, y = classification(np.dtype(dtype).name)
    if missing:
        x[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    model = RandomForestClassifier(20, max_depth=6, random_state=0).fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x, missing=missing), ["predict", "predict_proba", "apply"])


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("rows", [1, 2, 60, 300])
def test_the_same_bits_at_any_number_of_threads(rows: int, threads: int) -> None:
    x, y = regression("float64")
    model = RandomForestRegressor(130, max_depth=4, random_state=0).fit(x, y)
    data = rows_on(cuts(model), x, rows=rows)
    session = Session(build_model(model, x)[0].SerializeToString(), threads=threads)
    assert_equal(session.run(data)["predict"], model.predict(data), "predict")


def test_behind_a_scaler() -> None:
    x, y = classification("float64")
    model = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0)).fit(x, y)
    data = model[0].inverse_transform(rows_on(cuts(model[-1]), model[0].transform(x)))
    assert_same(model, x, data)


@pytest.mark.parametrize("opset", [17, 20])
def test_older_opsets_are_exact_too(opset: int) -> None:
    x, y = classification("float64")
    model = CLASSIFIERS[0].fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), ["predict", "predict_proba"], target_opset=opset)


def test_fast_mode_reaches_the_same_leaves() -> None:
    x, y = classification("float64")
    model = CLASSIFIERS[0].fit(x, y)
    assert_same(model, x, rows_on(cuts(model), x), ["apply"], mode="fast")


@pytest.mark.parametrize("sparse", [True, False])
def test_embedding(sparse: bool) -> None:
    x, _ = classification("float64")
    model = RandomTreesEmbedding(10, max_depth=3, sparse_output=sparse, random_state=0).fit(x)
    assert_same(model, x, rows_on(cuts(model), x), ["transform", "apply"])
