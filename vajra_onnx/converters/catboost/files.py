"""CatBoost's own files, `.cbm` and `.json`: data, no code, so they are opened without being trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoost, CatBoostClassifier, CatBoostError, CatBoostRanker, CatBoostRegressor

from ...errors import ArtifactError
from .model import parse


def load(path: str | os.PathLike[str]) -> CatBoost:
    """The model in the file, as the estimator that its loss function is for; CatBoost where none is.

    A JSON file is read here first: CatBoost itself would follow a damaged one into memory that is not its own. It also rounds
    some of the numbers that it reads from JSON, by one ulp: what is converted is the model that it makes of the file.
    Raises ArtifactError for a file that is no model, UnsupportedError for a JSON file of a model that is not converted.
    """
    kind = "json" if Path(path).suffix.lower() == ".json" else "cbm"
    try:
        if kind == "json":
            parse(json.loads(Path(path).read_bytes()), (), np.zeros(0))
        model = CatBoost().load_model(os.fspath(path), format=kind)
        return _estimator(model)().load_model(os.fspath(path), format=kind)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArtifactError) as error:
        what = f"{type(error).__name__}: {error}"
    except CatBoostError as error:
        what = str(error).strip().splitlines()[0]
    raise ArtifactError(f"not a model of CatBoost: {what}", where=os.fspath(path))


def _estimator(model: CatBoost) -> Any:
    """The class that the loss function is for, as CatBoost's own constructors check it."""
    loss = model.get_all_params().get("loss_function")
    if len(model.classes_) and CatBoost._is_classification_objective(loss):
        return CatBoostClassifier
    if CatBoost._is_ranking_objective(loss):
        return CatBoostRanker
    if CatBoost._is_regression_objective(loss) or CatBoost._is_multiregression_objective(loss):
        return CatBoostRegressor
    return CatBoost
