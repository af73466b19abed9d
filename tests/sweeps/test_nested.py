"""Calibration, thresholds, searches, several classes and several targets: estimators around estimators, nested freely."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from samples import classification, regression
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor, StackingClassifier
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sweeps.sweep import prove_case, sweep

from vajra_onnx.parity.cases import Budget

SEED: dict[str, Any] = {"random_state": 0}


def forest() -> RandomForestClassifier:
    return RandomForestClassifier(3, max_depth=4, **SEED)


def stack() -> StackingClassifier:
    members = [("forest", forest()), ("linear", LogisticRegression(max_iter=2000))]
    return StackingClassifier(members, final_estimator=LogisticRegression(), cv=2)


def table() -> tuple[pd.DataFrame, np.ndarray]:
    """180 rows of numbers, booleans and text, missing values in both; two classes, 0 and 1."""
    rng, n = np.random.default_rng(0), 180
    x = pd.DataFrame({"bill length": rng.normal(40, 5, n), "mass": rng.normal(4000, 500, n).round(), "ok": rng.random(n) < 0.5})
    x["île"], x["sex"] = rng.choice(["Torgersen", "Biscoe", "Dröm"], n), rng.choice(["m", "f"], n).astype(object)
    y = ((x["bill length"] - 40) / 5 + (x["île"] == "Dröm") * 1.5 + rng.normal(size=n) * 0.3 > 0.5).to_numpy().astype(int)
    x.loc[rng.random(n) < 0.1, "bill length"] = np.nan
    x.loc[rng.random(n) < 0.1, "sex"] = None
    return x, y


def prepared() -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(add_indicator=True), FeatureUnion([("z", StandardScaler()), ("m", MinMaxScaler())]))
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer(
        [("numbers", numbers, ["bill length", "mass"]), ("texts", texts, ["île", "sex"])], remainder="passthrough"
    )


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
@pytest.mark.parametrize(("labels", "ensemble"), [("binary-string", True), ("multi-string", False)])
@pytest.mark.parametrize("inner", [forest(), LinearSVC(**SEED)], ids=lambda m: type(m).__name__)
def test_calibration(inner: Any, labels: str, ensemble: bool, method: str) -> None:
    model = CalibratedClassifierCV(inner, method=method, ensemble=ensemble, cv=2)
    sweep(str(model), model, *classification("float64", labels))


def test_temperature_that_is_almost_one() -> None:
    """A tree's own probabilities need no other temperature than 1.0000000008, a factor that onnxruntime would drop."""
    x, y = classification("float64", "multi-string")
    frozen = FrozenEstimator(DecisionTreeClassifier(max_depth=3, **SEED).fit(x, y))
    prove_case(CalibratedClassifierCV(frozen, method="temperature", cv=2).fit(x, y), x)


@pytest.mark.parametrize(
    "model",
    [
        FixedThresholdClassifier(forest(), threshold=0.4, pos_label="no"),
        FixedThresholdClassifier(LinearSVC(**SEED), pos_label="Ja"),
        FixedThresholdClassifier(LogisticRegression(), response_method="decision_function", threshold=-0.3, pos_label="Ja"),
        TunedThresholdClassifierCV(forest(), scoring=make_scorer(f1_score, pos_label="Ja"), cv=2, **SEED),
        TunedThresholdClassifierCV(GaussianNB(), scoring="balanced_accuracy", cv=0.5, **SEED),
    ],
    ids=lambda m: f"{type(m).__name__}-{type(m.estimator).__name__}",
)
def test_thresholds(model: Any) -> None:
    sweep(str(model), model, *classification("int64", "binary-string"))


@pytest.mark.parametrize(
    "model",
    [
        OneVsRestClassifier(forest()),
        OneVsRestClassifier(make_pipeline(StandardScaler(), LinearSVC(**SEED))),
        OutputCodeClassifier(forest(), code_size=2.5, **SEED),
        make_pipeline(SelectFromModel(forest(), threshold="median"), RFE(forest(), n_features_to_select=2)),
        GridSearchCV(forest(), {"max_depth": [2, 3]}, cv=2, scoring=["accuracy", "f1_macro"], refit="f1_macro"),
    ],
    ids=lambda m: type(m).__name__,
)
@pytest.mark.parametrize("labels", ["multi-object", "multi-float", "binary-bool"])
def test_several_classes(model: Any, labels: str) -> None:
    sweep(f"{model}, {labels}", model, *classification("frame", labels))


@pytest.mark.parametrize(
    "model",
    [
        OneVsRestClassifier(forest()),
        MultiOutputClassifier(make_pipeline(StandardScaler(), forest())),
        ClassifierChain(forest(), order=[1, 0], chain_method="predict_proba"),
        ClassifierChain(GaussianNB(), order="random", chain_method="predict_log_proba", cv=2, **SEED),
        ExtraTreesClassifier(3, max_depth=4, **SEED),
    ],
    ids=lambda m: type(m).__name__,
)
def test_several_labels(model: Any) -> None:
    x, y = classification("float64")
    sweep(str(model), model, x, np.stack([y % 2, x[:, 0] > 0], axis=1).astype(int))


def test_several_targets() -> None:
    model = RegressorChain(GridSearchCV(RandomForestRegressor(3, **SEED), {"max_depth": [3, 4]}, cv=2), order=[2, 0, 1])
    sweep(str(model), model, *regression("float64", 3))


@pytest.mark.parametrize("criterion", [{"threshold": 0.6}, {"criterion": "k_best", "k_best": 5}])
def test_self_training(criterion: dict[str, Any]) -> None:
    x, y = classification("float64")
    model = SelfTrainingClassifier(forest(), max_iter=3, **criterion)
    sweep(str(model), model, x, np.where(np.arange(len(y)) % 3, y, -1))


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(
            Pipeline(
                [
                    ("prepare", prepared()),
                    ("decide", FixedThresholdClassifier(CalibratedClassifierCV(stack(), method="isotonic", cv=2))),
                ]
            ),
            {"decide__threshold": [0.3, 0.4]},
            cv=2,
        ),
        TunedThresholdClassifierCV(GridSearchCV(make_pipeline(prepared(), forest()), {}, cv=2), cv=2, **SEED),
        make_pipeline(prepared(), forest()),
    ],
    ids=lambda m: type(m).__name__,
)
def test_pipelines_of_everything(model: Any) -> None:
    sweep(str(model), model, *table(), budget=Budget(rows=150, seconds=0.3))
