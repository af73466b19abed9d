"""LightGBM's estimators inside scikit-learn: pipelines, stacking, calibration, searches, sparse and pandas output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same
from leafwise import ROWS, SMALL, assert_exact, classes, numbers, target
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import vajra_onnx as vo

LABELS = np.array(["low", "mid", "high"])[classes()]


def columns() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    data = pd.DataFrame(numbers()[:, 1:3], columns=["a", "b"])
    data["count"], data["city"] = rng.integers(0, 9, ROWS), rng.choice(list("pqrst"), ROWS)
    return data


def prepare(**options: Any) -> ColumnTransformer:
    steps = [
        ("scale", make_pipeline(SimpleImputer(), StandardScaler()), ["a"]),
        ("keep", "passthrough", ["b", "count"]),
        ("code", OneHotEncoder(handle_unknown="ignore", sparse_output=options.get("sparse_threshold") != 0), ["city"]),
    ]
    return ColumnTransformer(steps, **options)


@pytest.mark.parametrize("sparse_threshold", [1.0, 0.0], ids=["sparse", "dense"])
@pytest.mark.parametrize("options", [{}, {"zero_as_missing": True}, {"linear_tree": True}])
def test_behind_a_column_transformer(options: dict[str, Any], sparse_threshold: float) -> None:
    pipeline = make_pipeline(prepare(sparse_threshold=sparse_threshold), LGBMRegressor(**SMALL, **options))
    assert_same(pipeline.fit(columns(), target()), columns(), outputs=["predict", "margin", "apply"])


def test_behind_pandas_output() -> None:
    pipeline = make_pipeline(prepare(sparse_threshold=0).set_output(transform="pandas"), LGBMClassifier(**SMALL))
    certificate = vo.convert(pipeline.fit(columns(), LABELS), columns()).certificate
    assert {output.method: output.max_ulp for output in certificate.outputs if output.method != "predict_proba"} == {
        "predict": 0,
        "margin": 0,
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_behind_a_scaler(dtype: type) -> None:
    x = np.nan_to_num(numbers(dtype=dtype)) * 3 + 7
    assert_same(make_pipeline(StandardScaler(), LGBMRegressor(**SMALL)).fit(x, target()), x, outputs=["predict", "margin"])


@pytest.mark.parametrize(
    "model",
    [
        StackingClassifier([("a", LGBMClassifier(**SMALL)), ("b", LGBMClassifier(**SMALL, extra_trees=True))], cv=3),
        StackingClassifier([("a", LGBMClassifier(**SMALL))], final_estimator=LGBMClassifier(**SMALL), cv=3),
        CalibratedClassifierCV(LGBMClassifier(**SMALL), cv=3),
        CalibratedClassifierCV(LGBMClassifier(**SMALL), cv=3, method="isotonic", ensemble=False),
        GridSearchCV(LGBMClassifier(**SMALL), {"max_depth": [2, 3]}, cv=3),
        VotingClassifier([("a", LGBMClassifier(**SMALL)), ("b", LogisticRegression())], voting="soft"),
        BaggingClassifier(LGBMClassifier(**SMALL), n_estimators=2, random_state=0),
        make_pipeline(SelectFromModel(LGBMClassifier(**SMALL)), LGBMClassifier(**SMALL)),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("labels", [LABELS, classes(2)], ids=["three", "two"])
def test_inside_other_estimators(model: Any, labels: np.ndarray) -> None:
    x = np.nan_to_num(numbers())
    assert_same(model.fit(x, labels), x, rtol=1e-12)


def test_transformed_target() -> None:
    model = TransformedTargetRegressor(LGBMRegressor(**SMALL), func=np.log1p, inverse_func=np.expm1)
    assert_same(model.fit(columns()[["a", "b"]], target()), columns()[["a", "b"]], rtol=1e-12)


def test_decision_function_is_the_raw_score() -> None:
    model = LGBMClassifier(**SMALL).fit(numbers(), LABELS)
    assert_exact(model, numbers(), outputs=["decision_function", "margin"])
