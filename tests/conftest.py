"""What many tests share: the penguins, and a small proven model on disk."""

from __future__ import annotations

import os

# Two workers share two cores: threads inside the libraries would only get in each other's way. Before numpy is imported.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_variable, "1")

# What is refused is refused at once; what tf2onnx does for it is tested where it is asked for.
os.environ.setdefault("VAJRA_ONNX_FALLBACK", "none")

from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture(scope="session")
def penguins() -> pd.DataFrame:
    """344 rows, text and numbers, missing values in both."""
    from palmerpenguins import load_penguins

    data = load_penguins()
    assert isinstance(data, pd.DataFrame)
    return data


@pytest.fixture(scope="session")
def fitted(penguins: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """A small forest behind imputation, scaling and one-hot encoding, and its features."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    features = penguins.drop(columns=["species"])
    numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), ["island", "sex"]),
    )
    model = make_pipeline(prepare, RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0))
    return model.fit(features, penguins["species"]), features


@pytest.fixture(scope="session")
def artifact(fitted: tuple[Any, pd.DataFrame]) -> Any:
    """The proven artifact of `fitted`."""
    import vajra_onnx as vo

    return vo.convert(*fitted)


@pytest.fixture(scope="session")
def files(fitted: tuple[Any, pd.DataFrame], artifact: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with model.joblib, rows.csv, and the repository models/penguins/1/model.onnx."""
    import joblib

    folder = tmp_path_factory.mktemp("files")
    joblib.dump(fitted[0], folder / "model.joblib")
    fitted[1].to_csv(folder / "rows.csv", index=False)
    np.save(folder / "rows.npy", np.zeros((2, 2)))
    artifact.save(folder / "models" / "penguins")
    return folder
