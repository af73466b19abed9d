"""Opening model files: what needs trust and what does not."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vajra_onnx.errors import ArtifactError, UntrustedError
from vajra_onnx.export.files import load_model

X, Y = load_iris(return_X_y=True)


class Trap:
    """A pickle that leaves a trace when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.fixture
def model() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X, Y)


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib"])
def test_a_pickle_runs_nothing_without_trust(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "trace")))
    with pytest.raises(UntrustedError, match="runs the code inside it"):
        load_model(str(path))
    assert not (tmp_path / "trace").exists()


def test_a_trusted_pickle_is_opened(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(model))
    np.testing.assert_array_equal(load_model(str(path), trust_pickle=True).predict(X), model.predict(X))


def test_skops_needs_no_trust(tmp_path: Path, model: Any) -> None:
    import skops.io

    path = str(tmp_path / "model.skops")
    skops.io.dump(model, path)
    np.testing.assert_array_equal(load_model(path).predict(X), model.predict(X))


@pytest.mark.parametrize("suffix", [".json", ".ubj"])
def test_xgboost_files_need_no_trust(tmp_path: Path, suffix: str) -> None:
    from xgboost import XGBClassifier

    path = str(tmp_path / f"model{suffix}")
    XGBClassifier(n_estimators=3, n_jobs=1).fit(X, Y).save_model(path)
    assert hasattr(load_model(path), "predict")


def test_lightgbm_files_need_no_trust(tmp_path: Path) -> None:
    from lightgbm import LGBMClassifier

    path = str(tmp_path / "model.txt")
    LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(X, Y).booster_.save_model(path)
    assert hasattr(load_model(path), "predict")


@pytest.mark.parametrize("name", ["model.joblib", "model.skops", "model.json", "model.ubj", "model.txt", "model.unknown"])
def test_damaged_files_are_one_clear_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x80\x05not a model at all")
    with pytest.raises(ArtifactError) as raised:
        load_model(str(path), trust_pickle=True)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
