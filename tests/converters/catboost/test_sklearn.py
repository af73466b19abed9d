"""CatBoost's estimators inside scikit-learn: pipelines, stacking, calibration, pandas output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor
from oblivious import NAMES, SMALL, categories, classes, numbers, target
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import StackingClassifier, VotingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import vajra_onnx as vo

X, Y, LABELS = numbers(), target(), np.array(["low", "mid", "high"])[classes()]
PREPARE = make_pipeline(SimpleImputer(), StandardScaler())


def classifier(**options: Any) -> CatBoostClassifier:
    return CatBoostClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> CatBoostRegressor:
    return CatBoostRegressor(**{**SMALL, **options})


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(PREPARE, classifier()),
        StackingClassifier([("boosted", classifier()), ("linear", make_pipeline(PREPARE, LogisticRegression()))], cv=2),
        CalibratedClassifierCV(classifier(), cv=2),
    ],
    ids=lambda m: type(m).__name__,
)
def test_classifiers(model: Any) -> None:
    vo.convert(model.fit(X, LABELS), X)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(PREPARE, regressor(loss_function="Poisson")),
        VotingRegressor([("boosted", regressor()), ("linear", make_pipeline(PREPARE, Ridge()))]),
        TransformedTargetRegressor(regressor(), func=np.log, inverse_func=np.exp),
    ],
    ids=lambda m: type(m).__name__,
)
def test_regressors(model: Any) -> None:
    vo.convert(model.fit(X, Y), X)


def test_several_targets() -> None:
    vo.convert(MultiOutputRegressor(regressor()).fit(X, np.stack([Y, -Y], axis=1)), X)


def test_frames_keep_their_categories() -> None:
    prepare = make_column_transformer(
        (StandardScaler(), ["a b", "small"]), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")
    model = make_pipeline(prepare, classifier(cat_features=NAMES, one_hot_max_size=3)).fit(categories(), LABELS)
    certificate = vo.convert(model, categories()).certificate
    assert [output.max_ulp for output in certificate.outputs if output.method == "margin"] == [0]


def test_encoded_categories() -> None:
    prepare = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), NAMES), remainder="passthrough")
    vo.convert(make_pipeline(prepare, regressor()).fit(categories(), Y), categories())
