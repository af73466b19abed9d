"""XGBoost's own files, `.json` and `.ubj`: data, no code, so they are opened without being trusted."""

from __future__ import annotations

import json
import os
from typing import Any

import xgboost

from ...errors import ArtifactError

WRAPPERS = {"classifier": "XGBClassifier", "regressor": "XGBRegressor", "ranker": "XGBRanker"}


def load(path: str | os.PathLike[str]) -> Any:
    """The model in the file: XGBClassifier, XGBRegressor or XGBRanker where one of those saved it, else a Booster.

    As with XGBoost's own loader, what an estimator does not save is at its default again: `missing` is NaN.
    Raises ArtifactError for a file that XGBoost cannot read.
    """
    try:
        booster = xgboost.Booster({"nthread": 1}, model_file=os.fspath(path))
    except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:  # its own message may quote the file's bytes
        raise ArtifactError(f"not a model of XGBoost: {str(error).strip().splitlines()[0]}", where=os.fspath(path)) from None
    saved = booster.attr("scikit_learn")
    kind = json.loads(saved).get("_estimator_type") if saved else None
    if kind is None:
        return booster
    if kind not in WRAPPERS:
        raise ArtifactError("estimator of XGBoost", expected=" | ".join(WRAPPERS), got=repr(kind), where=os.fspath(path))
    model = getattr(xgboost, WRAPPERS[kind])(n_jobs=1)
    model.load_model(os.fspath(path))
    return model
