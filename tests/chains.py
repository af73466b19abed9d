"""Tables for chains: the penguins and the flights, their preparation, and what is asked of a chain of it and a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from palmerpenguins import load_penguins
from pipelines.tables import flights
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler

import vajra_onnx as vo
from vajra_onnx.export.validate import first_divergence

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]


def penguins() -> tuple[pd.DataFrame, np.ndarray, ColumnTransformer]:
    """Features, the species as numbers, and a fitted preparation with missing values in text and numbers."""
    data = load_penguins()
    features, target = data.drop(columns=["species"]), data["species"].astype("category").cat.codes.to_numpy()
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), ["island", "sex"]),
    )
    return features, target, prepare.fit(features)


def delays() -> tuple[pd.DataFrame, np.ndarray, ColumnTransformer]:
    """400 flights, the delay at arrival in hours, and a fitted preparation: bins, one-hot columns in a sparse matrix, scaling."""
    data, delay = flights("arr_delay")
    features = data[["carrier", "origin", "hour", "distance", "air_time"]]
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=5), ["carrier", "origin"]),
        (KBinsDiscretizer(n_bins=6, quantile_method="averaged_inverted_cdf"), ["hour"]),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["distance", "air_time"]),
        sparse_threshold=1.0,
    )
    return features, delay.to_numpy() / 60, prepare.fit(features)


def assert_proved(chain: Any, data: pd.DataFrame, method: str = "predict") -> vo.Artifact:
    """One graph from the columns of the table, proved as a whole and step by step, with the chain's own answers."""
    artifact = vo.convert(chain, data)
    assert artifact.certificate.passed
    assert [column.name for column in artifact.schema.inputs] == list(data.columns)
    answers = vo.load(artifact).run(data)
    (name,) = answers
    np.testing.assert_allclose(answers[name], getattr(chain, method)(data), rtol=1e-5, atol=1e-5)
    walk = first_divergence(chain, data)
    assert walk.splitlines()[-1] == "no step diverges"
    assert [line.split()[0] for line in walk.splitlines()[:-1]] == [f"steps[{name!r}]" for name, _ in chain.steps]
    return artifact
