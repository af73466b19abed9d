"""Ordinary DataFrame pipelines, by name: each a function that fits it and returns it with its features.

Modelled on the 39 pipelines that the incumbent was measured on; those with their user's own Python are in `own_code.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pipelines import tables
from pipelines.tables import NUMBERS, TEXTS
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

Fitted = tuple[Any, pd.DataFrame]
PIPELINES: dict[str, Callable[[], Fitted]] = {}


def ordinary(build: Callable[[], Fitted]) -> Callable[[], Fitted]:
    """Enter a pipeline into the catalogue."""
    PIPELINES[build.__name__] = build
    return build


def prepared(numbers: Any, texts: Any, **options: Any) -> ColumnTransformer:
    """The usual two branches over the penguins."""
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, TEXTS)], **options)


def one_hot(**options: Any) -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", **options))


def forest(**options: Any) -> RandomForestClassifier:
    return RandomForestClassifier(10, max_depth=6, random_state=0, **options)


def fit(model: Any, data: tuple[pd.DataFrame, Any]) -> Fitted:
    return model.fit(*data), data[0]


@ordinary
def scaled_numbers_and_one_hot_logistic() -> Fitted:
    scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return fit(make_pipeline(prepared(scale, one_hot()), LogisticRegression(max_iter=2000)), tables.penguins())


@ordinary
def scaled_forest() -> Fitted:
    scale = make_pipeline(SimpleImputer(), StandardScaler())
    return fit(make_pipeline(prepared(scale, one_hot()), forest()), tables.penguins())


@ordinary
def ordinal_forest() -> Fitted:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return fit(make_pipeline(prepared("passthrough", encoder), forest()), tables.penguins())


@ordinary
def infrequent_categories_logistic() -> Fitted:
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    prepare = make_column_transformer((encoder, ["carrier", "dest", "origin"]), (StandardScaler(), ["hour", "distance"]))
    return fit(make_pipeline(prepare, LogisticRegression(max_iter=2000)), tables.flights())


@ordinary
def max_categories_boosting() -> Fitted:
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=6, sparse_output=False)
    prepare = make_column_transformer((encoder, ["carrier", "dest"]), ("passthrough", ["hour", "distance", "dep_time"]))
    return fit(make_pipeline(prepare, GradientBoostingRegressor(n_estimators=20, random_state=0)), tables.flights("arr_delay"))


@ordinary
def boosting_with_categories_from_dtype() -> Fitted:
    features, target = tables.flights()
    features = features.drop(columns="departure").astype({"carrier": "category"}).drop(columns="dest")
    return fit(HistGradientBoostingClassifier(max_iter=20, categorical_features="from_dtype"), (features, target))


@ordinary
def boosting_with_missing_numbers() -> Fitted:
    prepare = ColumnTransformer([("sex", OrdinalEncoder(), ["sex"])], remainder="passthrough", verbose_feature_names_out=False)
    features, target = tables.penguins("body_mass_g")
    model = HistGradientBoostingRegressor(max_iter=20, categorical_features=[0])
    return fit(make_pipeline(prepare, model), (features.drop(columns="island"), target))


@ordinary
def sparse_one_hot_xgboost() -> Fitted:
    features, target = tables.penguins()
    prepare = prepared(SimpleImputer(), one_hot(), sparse_threshold=1.0)
    return fit(make_pipeline(prepare, XGBClassifier(n_estimators=10, n_jobs=1)), (features, target.astype("category").cat.codes))


@ordinary
def xgboost_with_missing_numbers() -> Fitted:
    prepare = make_column_transformer(("passthrough", ["hour", "distance", "air_time"]), (OrdinalEncoder(), ["origin"]))
    return fit(make_pipeline(prepare, XGBRegressor(n_estimators=10, n_jobs=1)), tables.flights("arr_delay"))


@ordinary
def log_target_linear() -> Fitted:
    features, target = tables.penguins("body_mass_g")
    inner = make_pipeline(prepared(make_pipeline(SimpleImputer(), StandardScaler()), one_hot()), Ridge())
    return fit(TransformedTargetRegressor(inner, func=np.log1p, inverse_func=np.expm1), (features, target))


@ordinary
def stacked_calibrated_with_a_threshold() -> Fitted:
    features, target = tables.penguins()
    stack = StackingClassifier(
        [
            ("forest", forest()),
            ("boosting", GradientBoostingClassifier(n_estimators=10, random_state=0)),
            ("bayes", GaussianNB()),
        ],
        LogisticRegression(),
        cv=3,
    )
    scores = FixedThresholdClassifier(CalibratedClassifierCV(stack, cv=3), threshold=0.3)
    return fit(make_pipeline(prepared(SimpleImputer(), one_hot(sparse_output=False)), scores), (features, target == "Adelie"))


@ordinary
def searched_grid() -> Fitted:
    union = FeatureUnion([("scaled", StandardScaler()), ("components", PCA(2))])
    numbers = make_pipeline(SimpleImputer(), union)
    model = Pipeline([("prepare", prepared(numbers, one_hot())), ("model", LogisticRegression(max_iter=2000))])
    grid = {"model__C": [0.1, 1.0], "prepare__numbers__simpleimputer__strategy": ["mean", "median"]}
    return fit(GridSearchCV(model, grid, cv=3), tables.penguins())


@ordinary
def nested_column_transformers() -> Fitted:
    inner = make_column_transformer((StandardScaler(), NUMBERS[:2]), (MinMaxScaler(), NUMBERS[2:]))
    texts = make_union(one_hot(), make_pipeline(OrdinalEncoder(encoded_missing_value=-1), MinMaxScaler()))
    outer = ColumnTransformer([("inner", inner, NUMBERS), ("texts", texts, TEXTS), ("rest", "drop", ["year"])])
    return fit(make_pipeline(outer, SimpleImputer(), DecisionTreeClassifier(max_depth=5, random_state=0)), tables.penguins())


@ordinary
def pandas_between_the_steps() -> Fitted:
    first = prepared(
        SimpleImputer(), SimpleImputer(strategy="most_frequent"), remainder="passthrough", verbose_feature_names_out=False
    )
    second = make_column_transformer(
        (OneHotEncoder(sparse_output=False), TEXTS), (RobustScaler(), NUMBERS), remainder="passthrough"
    )
    return fit(make_pipeline(first, second, forest()).set_output(transform="pandas"), tables.penguins())


@ordinary
def columns_selected_by_dtype() -> Fitted:
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (one_hot(sparse_output=False), make_column_selector(dtype_include=["object", "str", "category"])),
        remainder="passthrough",
    )
    return fit(make_pipeline(prepare, LogisticRegression(max_iter=2000)), tables.penguins())


@ordinary
def target_encoded_ridge() -> Fitted:
    prepare = make_column_transformer((TargetEncoder(), ["carrier", "dest", "origin"]), (StandardScaler(), ["hour", "distance"]))
    return fit(make_pipeline(prepare, StandardScaler(), Ridge()), tables.flights("arr_delay"))


@ordinary
def imputed_from_neighbours() -> Fitted:
    numbers = make_pipeline(KNNImputer(n_neighbors=3, weights="distance"), StandardScaler())
    return fit(make_pipeline(prepared(numbers, one_hot()), LogisticRegression(max_iter=2000)), tables.penguins())


@ordinary
def imputed_by_regression() -> Fitted:
    numbers = IterativeImputer(max_iter=3, tol=10.0, random_state=0)
    return fit(make_pipeline(prepared(numbers, one_hot()), LinearDiscriminantAnalysis()), tables.penguins())


@ordinary
def indicators_of_missing_values() -> Fitted:
    numbers = FeatureUnion([("values", SimpleImputer(add_indicator=True)), ("missing", MissingIndicator(features="all"))])
    return fit(make_pipeline(prepared(numbers, one_hot()), forest()), tables.penguins())


@ordinary
def several_numbers_at_once() -> Fitted:
    features, _ = tables.penguins(dropna=True)
    targets = features[["bill_length_mm", "body_mass_g"]]
    prepare = make_column_transformer(
        (OneHotEncoder(drop="if_binary"), TEXTS), ("passthrough", ["flipper_length_mm", "year", "early"])
    )
    model = MultiOutputRegressor(GradientBoostingRegressor(n_estimators=10, random_state=0))
    return fit(make_pipeline(prepare, model), (features.drop(columns=targets.columns), targets))


@ordinary
def several_classes_at_once() -> Fitted:
    features, species = tables.penguins(dropna=True)
    targets = pd.DataFrame({"species": species, "sex": features["sex"]})
    prepare = make_column_transformer((OneHotEncoder(drop="first"), ["island"]), (StandardScaler(), NUMBERS))
    return fit(make_pipeline(prepare, forest()), (features.drop(columns="sex"), targets))


@ordinary
def soft_vote() -> Fitted:
    members = [("linear", LogisticRegression(max_iter=2000)), ("forest", forest()), ("bayes", GaussianNB())]
    vote = VotingClassifier(members, voting="soft", weights=[2, 1, 1])
    return fit(make_pipeline(prepared(SimpleImputer(), one_hot(sparse_output=False)), vote), tables.penguins())


@ordinary
def extra_trees_of_integers_and_booleans() -> Fitted:
    prepare = ColumnTransformer([("numbers", "passthrough", ["year", "early"]), ("texts", one_hot(dtype=np.int64), TEXTS)])
    return fit(make_pipeline(prepare, ExtraTreesRegressor(10, max_depth=5, random_state=0)), tables.penguins("body_mass_g"))


@ordinary
def clustered_columns() -> Fitted:
    prepare = prepared(make_pipeline(SimpleImputer(), StandardScaler()), one_hot(sparse_output=False))
    return fit(make_pipeline(prepare, KMeans(4, n_init=2, random_state=0)), tables.penguins())


@ordinary
def outliers() -> Fitted:
    prepare = prepared(SimpleImputer(), one_hot(sparse_output=False))
    return fit(make_pipeline(prepare, IsolationForest(n_estimators=10, random_state=0)), tables.penguins())


@ordinary
def counts_of_minutes() -> Fitted:
    features, target = tables.flights("air_time")
    bins = KBinsDiscretizer(4, encode="onehot-dense", strategy="kmeans")
    prepare = make_column_transformer((bins, ["distance"]), (OneHotEncoder(drop="first"), ["origin"]), (MinMaxScaler(), ["hour"]))
    return fit(make_pipeline(prepare, PoissonRegressor(max_iter=500)), (features, target))
