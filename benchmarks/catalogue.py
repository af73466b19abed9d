"""The pipelines whose graphs are compared: the tables of `cases.py`, and models on numbers or on text alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from cases import DATA, MODELS, airports, fitted, flights
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier

Table = Callable[[], tuple[Any, Any]]


@dataclass(frozen=True)
class Case:
    """A fitted model and the data that it was fitted on. outputs: the methods that both graphs answer for, labels first.

    options: what skl2onnx is told about the last step besides `zipmap=False`.
    """

    model: Any
    data: Any
    outputs: tuple[str, ...] = ("predict",)
    options: Mapping[str, Any] = field(default_factory=dict)


PROBABILITIES = ("predict", "predict_proba")
SCORES = ("predict", "decision_function")


def _arrays(loader: Any) -> tuple[Any, Any]:
    return loader(return_X_y=True)  # type: ignore[no-any-return]


cancer, wine, digits, diabetes = (
    partial(_arrays, loader) for loader in (load_breast_cancer, load_wine, load_digits, load_diabetes)
)


def _airlines() -> tuple[pd.DataFrame, Any]:
    features, target = flights()
    return features[["carrier", "origin", "dest"]], target


def _case(table: Table, make: Callable[[], Any], outputs: tuple[str, ...] = ("predict",), **options: Any) -> Callable[[], Case]:
    def build() -> Case:
        features, target = table()
        return Case(make().fit(features, target), features, outputs, options)

    return build


def _behind_columns(data: str, model: str) -> Case:
    return Case(*fitted(data, model), PROBABILITIES)


def _words() -> Case:
    features, target = airports()
    model = make_pipeline(TfidfVectorizer(max_features=500), LogisticRegression(max_iter=2000))
    return Case(model.fit(features["name"], target), features, PROBABILITIES)


def _scaled(*steps: Any) -> Any:
    return make_pipeline(StandardScaler(), *steps)


def _trio() -> list[tuple[str, Any]]:
    forest = RandomForestClassifier(30, max_depth=6, random_state=0)
    return [("linear", LogisticRegression(max_iter=2000)), ("forest", forest), ("bayes", GaussianNB())]


def _process() -> Any:
    return GaussianProcessRegressor(ConstantKernel() * RBF(5.0) + WhiteKernel(0.1), optimizer=None, normalize_y=True)


CATALOGUE: dict[str, Callable[[], Case]] = {
    **{f"{data}/{model}": partial(_behind_columns, data, model) for data in DATA for model in MODELS},
    "Scaler+LogisticRegression": _case(cancer, lambda: _scaled(LogisticRegression(max_iter=2000)), PROBABILITIES),
    "Scaler+SVC": _case(cancer, lambda: _scaled(SVC()), SCORES, zipmap=False, raw_scores=True),
    "Scaler+SVR": _case(diabetes, lambda: _scaled(SVR())),
    "Scaler+MLP": _case(digits, lambda: _scaled(MLPClassifier((64, 32), max_iter=100, tol=0.01, random_state=0)), PROBABILITIES),
    "Scaler+PCA+LogisticRegression": _case(
        digits, lambda: _scaled(PCA(20, random_state=0), LogisticRegression(max_iter=2000)), PROBABILITIES
    ),
    "MinMax+SGD": _case(digits, lambda: make_pipeline(MinMaxScaler(), SGDClassifier("log_loss", random_state=0)), PROBABILITIES),
    "Scaler+KNeighbors": _case(wine, lambda: _scaled(KNeighborsClassifier()), PROBABILITIES),
    "Scaler+KMeans": _case(digits, lambda: _scaled(KMeans(10, n_init=1, random_state=0)), ("predict", "transform")),
    "Scaler+GaussianProcess": _case(diabetes, lambda: _scaled(_process())),
    "GaussianNB": _case(wine, GaussianNB, PROBABILITIES),
    "LinearRegression": _case(diabetes, LinearRegression),
    "Scaler+Ridge": _case(diabetes, lambda: _scaled(Ridge())),
    "KBins+Ridge": _case(
        diabetes, lambda: make_pipeline(KBinsDiscretizer(8, encode="onehot-dense", strategy="uniform"), Ridge())
    ),
    "Polynomial+Ridge": _case(diabetes, lambda: make_pipeline(PolynomialFeatures(2), Ridge(alpha=0.01))),
    "DecisionTree": _case(cancer, lambda: DecisionTreeClassifier(max_depth=8, random_state=0), PROBABILITIES),
    "RandomForest": _case(digits, lambda: RandomForestClassifier(100, random_state=0), PROBABILITIES),
    "RandomForestRegressor": _case(diabetes, lambda: RandomForestRegressor(100, max_depth=10, random_state=0)),
    "GradientBoostingRegressor": _case(diabetes, lambda: GradientBoostingRegressor(random_state=0)),
    "HistGradientBoostingRegressor": _case(diabetes, lambda: HistGradientBoostingRegressor(random_state=0)),
    "AdaBoost": _case(cancer, lambda: AdaBoostClassifier(n_estimators=50, random_state=0), PROBABILITIES),
    "IsolationForest": _case(cancer, lambda: IsolationForest(n_estimators=30, random_state=0), SCORES),
    "OneHot+ExtraTrees": _case(
        _airlines,
        lambda: make_pipeline(OneHotEncoder(handle_unknown="ignore"), ExtraTreesClassifier(50, max_depth=12, random_state=0)),
        PROBABILITIES,
    ),
    "Tfidf+LogisticRegression": _words,
    "Voting": _case(wine, lambda: _scaled(VotingClassifier(_trio(), voting="soft", flatten_transform=False)), PROBABILITIES),
    "Stacking": _case(wine, lambda: _scaled(StackingClassifier(_trio(), LogisticRegression(), cv=3)), PROBABILITIES),
    "Calibrated": _case(cancer, lambda: _scaled(CalibratedClassifierCV(LinearSVC(random_state=0), cv=3)), PROBABILITIES),
}


def rows(data: Any, count: int) -> Any:
    """`count` rows without missing values, drawn with repetition."""
    whole = data.dropna() if hasattr(data, "dropna") else data
    chosen = np.random.default_rng(0).integers(0, len(whole), count)
    return whole.iloc[chosen].reset_index(drop=True) if hasattr(whole, "iloc") else np.asarray(whole)[chosen]
