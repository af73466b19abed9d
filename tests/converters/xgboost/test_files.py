"""XGBoost's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from compare import assert_same
from splits import numbers

from vajra_onnx.converters.xgboost.files import load
from vajra_onnx.errors import ArtifactError

LABELS = (np.random.default_rng(1).uniform(size=300) * 3).astype(int)
SMALL = {"n_estimators": 5, "max_depth": 3, "n_jobs": 1}


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize("kind", [xgboost.XGBRegressor, xgboost.XGBClassifier, xgboost.XGBRanker, xgboost.Booster])
def test_saved_models_come_back_as_what_saved_them(kind: Any, suffix: str, tmp_path: Path) -> None:
    ranking = {"qid": np.repeat(np.arange(15), 20)} if kind is xgboost.XGBRanker else {}
    wrapper = (xgboost.XGBRegressor if kind is xgboost.Booster else kind)(**SMALL).fit(numbers(), LABELS, **ranking)
    model = wrapper.get_booster() if kind is xgboost.Booster else wrapper
    model.save_model(tmp_path / f"model.{suffix}")
    loaded = load(tmp_path / f"model.{suffix}")
    assert type(loaded) is kind
    assert_same(loaded, numbers(2), outputs=["predict", "margin"])


def test_files_that_are_no_models(tmp_path: Path) -> None:
    broken = tmp_path / "model.json"
    broken.write_text("{nope")
    with pytest.raises(ArtifactError, match="not a model of XGBoost"):
        load(broken)
    with pytest.raises(ArtifactError, match=r"No such file.*absent\.json"):
        load(tmp_path / "absent.json")
