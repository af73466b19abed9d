"""Trees, forests, boosting, bagging and voting: parameters beside the defaults, on every form of data and kind of label."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from samples import classification, regression
from sklearn import ensemble as e
from sklearn import tree as t
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sweeps.sweep import sweep

SEED: dict[str, Any] = {"random_state": 0}
FORMS = ("float64", "float32", "int64", "int32", "bool", "uint8", "wide", "frame", "missing")
LABELS = ("multi-string", "binary-string", "multi-object", "binary-bool", "multi-float")

TREES = [
    t.DecisionTreeClassifier(criterion="entropy", splitter="random", **SEED),
    t.DecisionTreeClassifier(max_leaf_nodes=7, class_weight="balanced", ccp_alpha=0.01, **SEED),
    t.ExtraTreeClassifier(min_samples_leaf=9, **SEED),
    t.DecisionTreeClassifier(min_samples_split=500, **SEED),
    e.RandomForestClassifier(7, max_samples=0.3, class_weight="balanced_subsample", **SEED),
    e.ExtraTreesClassifier(7, bootstrap=True, max_features=None, n_jobs=2, **SEED),
]
REGRESSORS = [
    t.DecisionTreeRegressor(criterion="absolute_error", max_depth=4, **SEED),
    t.ExtraTreeRegressor(max_leaf_nodes=5, **SEED),
    e.RandomForestRegressor(7, max_features=0.5, n_jobs=2, **SEED),
    e.ExtraTreesRegressor(7, min_samples_leaf=4, **SEED),
]
BOOSTED = [
    e.GradientBoostingClassifier(n_estimators=5, init="zero", learning_rate=1.0, **SEED),
    e.GradientBoostingClassifier(n_estimators=5, subsample=0.5, max_features="sqrt", n_iter_no_change=2, **SEED),
    e.GradientBoostingClassifier(n_estimators=4, init=e.RandomForestClassifier(3, **SEED), **SEED),
    e.HistGradientBoostingClassifier(max_iter=5, max_bins=5, interaction_cst="no_interactions", **SEED),
    e.HistGradientBoostingClassifier(max_iter=5, early_stopping=True, class_weight="balanced", max_features=0.5, **SEED),
    e.AdaBoostClassifier(t.DecisionTreeClassifier(max_depth=3), n_estimators=4, learning_rate=0.3, **SEED),
]
LOSSES = [
    e.GradientBoostingRegressor(loss="absolute_error", n_estimators=5, **SEED),
    e.GradientBoostingRegressor(loss="huber", alpha=0.7, init="zero", n_estimators=5, **SEED),
    e.GradientBoostingRegressor(loss="quantile", alpha=0.2, n_estimators=5, **SEED),
    e.HistGradientBoostingRegressor(loss="poisson", max_iter=5, **SEED),
    e.HistGradientBoostingRegressor(loss="gamma", max_iter=5, max_leaf_nodes=4, **SEED),
    e.HistGradientBoostingRegressor(loss="quantile", quantile=0.3, max_iter=5, **SEED),
    e.HistGradientBoostingRegressor(loss="absolute_error", max_iter=5, **SEED),
    e.AdaBoostRegressor(LinearRegression(), n_estimators=4, loss="square", **SEED),
]
MEMBERS: list[tuple[str, Any]] = [
    ("linear", LogisticRegression()),
    ("tree", t.DecisionTreeClassifier(max_depth=3, **SEED)),
    ("bayes", GaussianNB()),
]
TOGETHER = [
    e.BaggingClassifier(None, 4, max_features=0.5, bootstrap_features=True, **SEED),
    e.BaggingClassifier(SVC(), 2, max_samples=0.3, **SEED),
    e.BaggingClassifier(make_pipeline(StandardScaler(), LogisticRegression()), 3, max_features=1, bootstrap=False, **SEED),
    e.VotingClassifier(MEMBERS, weights=[1, 2, 3]),
    e.VotingClassifier([MEMBERS[0], ("left out", "drop"), MEMBERS[2]], voting="soft", weights=[0.3, 0.5, 0.2]),
    e.AdaBoostClassifier(GaussianNB(), n_estimators=3, **SEED),
]
UNSUPERVISED = [
    e.IsolationForest(n_estimators=7, contamination=0.1, max_features=0.5, **SEED),
    e.IsolationForest(n_estimators=7, max_samples=2, bootstrap=True, **SEED),
    e.RandomTreesEmbedding(5, max_leaf_nodes=4, sparse_output=False, **SEED),
]


def in_form(x: np.ndarray, form: str) -> Any:
    """What `samples` does not have: numbers beyond float32, small integers, and missing values."""
    if form == "wide":
        return 123456789.0 + x
    if form == "uint8":
        return np.clip(x * 10 + 60, 0, 255).astype(np.uint8)
    if form == "missing":
        return np.where(np.random.default_rng(1).random(x.shape) < 0.1, np.nan, x)
    return (x > 0) if form == "bool" else x.astype(form)


def labelled(form: str, labels: str) -> tuple[Any, np.ndarray]:
    x, y = classification("frame" if form == "frame" else "float64", labels)
    return (x if form == "frame" else in_form(x, form)), y


def measured(form: str, *, targets: int = 1, positive: bool = False) -> tuple[Any, np.ndarray]:
    x, y = regression("frame" if form == "frame" else "float64", targets)
    return (x if form == "frame" else in_form(x, form)), np.exp(y / np.abs(y).max()) if positive else y


def each(models: list[Any], *ways: Any) -> list[Any]:
    """Every model with two of the forms (and labels) in turn, so that all of them meet."""
    turn = cycle(zip(*(cycle(w) for w in ways), strict=False))
    return [pytest.param(m, *next(turn), id=f"{type(m).__name__}-{i}-{k}") for i, m in enumerate(models) for k in range(2)]


@pytest.mark.parametrize(("model", "form", "labels"), each(TREES, FORMS, LABELS))
def test_trees_and_forests(model: Any, form: str, labels: str) -> None:
    sweep(f"{model} on {form}, {labels}", model, *labelled(form, labels))


@pytest.mark.parametrize(("model", "form", "targets"), each(REGRESSORS, FORMS, (1, 3, 2, 1)))
def test_regression_trees_of_one_and_several_targets(model: Any, form: str, targets: int) -> None:
    sweep(f"{model} on {form}", model, *measured(form, targets=targets))


@pytest.mark.parametrize(("model", "form", "labels"), each(BOOSTED, [f for f in FORMS if f != "missing"], LABELS))
def test_boosted_classifiers(model: Any, form: str, labels: str) -> None:
    sweep(f"{model} on {form}, {labels}", model, *labelled(form, labels))


@pytest.mark.parametrize(("model", "form"), each(LOSSES, ("float64", "int64", "uint8", "frame", "bool")))
def test_losses(model: Any, form: str) -> None:
    sweep(f"{model} on {form}", model, *measured(form, positive=True))


@pytest.mark.parametrize(("model", "form", "labels"), each(TOGETHER, ("float64", "int64", "uint8"), LABELS))
def test_bags_and_votes(model: Any, form: str, labels: str) -> None:
    sweep(f"{model} on {form}, {labels}", model, *labelled(form, labels))


@pytest.mark.parametrize(("model", "form"), each(UNSUPERVISED, ("float64", "float32", "uint8", "wide")))
def test_without_labels(model: Any, form: str) -> None:
    sweep(f"{model} on {form}", model, labelled(form, "multi")[0])


@pytest.mark.parametrize("kind", [t.DecisionTreeClassifier, e.ExtraTreesClassifier, e.HistGradientBoostingClassifier])
def test_monotonic_and_missing(kind: Any) -> None:
    model = kind(monotonic_cst=[1, -1, 0, 0, 1, 0], **SEED)
    sweep(str(model), model.set_params(max_depth=3), *labelled("missing", "binary-string"))


@pytest.mark.parametrize("target", ["classes", "binary", "number"])
@pytest.mark.parametrize("form", ["uint8", "float64", "missing", "from_dtype"])
def test_categories_of_histogram_gradient_boosting(form: str, target: str) -> None:
    rng = np.random.default_rng(5)
    columns = [rng.integers(0, 6, 200), rng.normal(size=200) * 3, rng.integers(0, 40, 200), rng.normal(size=200)]
    x: Any = np.stack(columns, axis=1).astype("float64" if form in ("missing", "from_dtype") else form)
    score = x[:, 0] % 2 + (x[:, 1] > 0)
    y = {"classes": score.astype(int), "binary": score > 0, "number": score + x[:, 3]}[target]
    if form == "missing":
        x[rng.random(x.shape) < 0.1] = np.nan
    kind = e.HistGradientBoostingRegressor if target == "number" else e.HistGradientBoostingClassifier
    categorical: Any = [0] if form == "uint8" else [True, False, True, False]
    if form == "from_dtype":
        town = pd.Categorical(np.array(["żółw", "b", "企鵝", "d e", "f", "g"])[x[:, 0].astype(int)])
        x, categorical = pd.DataFrame({"town": town, "a": x[:, 1], "b": x[:, 2]}), "from_dtype"
    model = kind(max_iter=8, categorical_features=categorical, min_samples_leaf=3, **SEED)
    sweep(f"{model} on {form}, {target}", model, x, y)
