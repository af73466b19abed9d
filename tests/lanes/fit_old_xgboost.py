"""Runs under an old XGBoost: fits small models, saves each as .json and .ubj, and keeps what this version answers.

python fit_old_xgboost.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

SMALL: dict[str, Any] = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1}


def main(folder: Path) -> None:
    """One `NAME.json`, `NAME.ubj`, `NAME.margin.npy` and `NAME.predict.npy` per model, and the rows in `rows.npy`."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 4)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    np.save(folder / "rows.npy", rows)
    for name, model in models(rows, rng).items():
        for suffix in ("json", "ubj"):
            model.save_model(folder / f"{name}.{suffix}")
        np.save(folder / f"{name}.margin.npy", model.predict(rows, output_margin=True))
        np.save(folder / f"{name}.predict.npy", model.predict(rows))


def models(rows: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    """One of every kind that all versions since 1.7 have."""
    classes, numbers = rng.integers(0, 3, len(rows)), np.abs(rng.normal(size=len(rows))) + 0.1
    regressor, classifier = xgboost.XGBRegressor, xgboost.XGBClassifier
    early = regressor(n_estimators=60, n_jobs=1, early_stopping_rounds=2)
    return {
        "squared": regressor(**SMALL).fit(rows, numbers),
        "logistic": regressor(objective="reg:logistic", **SMALL).fit(rows, classes > 0),
        "gamma": regressor(objective="reg:gamma", **SMALL).fit(rows, numbers),
        "poisson": regressor(objective="count:poisson", base_score=2.0, **SMALL).fit(rows, numbers),
        "cox": regressor(objective="survival:cox", **SMALL).fit(rows, numbers),
        "dart": regressor(booster="dart", rate_drop=0.4, **SMALL).fit(rows, numbers),
        "linear": regressor(booster="gblinear", n_estimators=5, n_jobs=1).fit(np.nan_to_num(rows), numbers),
        "forest": xgboost.XGBRFRegressor(**SMALL).fit(rows, numbers),
        "targets": regressor(**SMALL).fit(rows, np.stack([numbers, numbers * 2], axis=1)),
        "early": early.fit(rows[:200], numbers[:200], eval_set=[(rows[200:], numbers[200:])], verbose=False),
        "binary": classifier(**SMALL).fit(rows, classes > 0),
        "several": classifier(**SMALL).fit(rows, classes),
        "labels": classifier(objective="multi:softmax", **SMALL).fit(rows, classes),
        "ranker": xgboost.XGBRanker(**SMALL).fit(rows, classes, group=[100, 200]),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
