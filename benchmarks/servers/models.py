"""The models that every server serves, the rows they were fitted on, and what they answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

import vajra_onnx as vo

from .sklearn import FITTED

TITLES = {"logistic": "LogisticRegression", "xgboost": "XGBoost, 300 trees"}


def prepare(folder: Path) -> np.ndarray:
    """MODEL/1/model.onnx in `folder`, and logistic.npz for servers with scikit-learn; the rows [2000, 30] they were fitted on."""
    rows, labels = make_classification(2000, 30, random_state=0)
    rows = rows.astype(np.float32)
    logistic, xgboost = LogisticRegression().fit(rows, labels), XGBClassifier(n_estimators=300, n_jobs=1).fit(rows, labels)
    np.savez(folder / "logistic.npz", **{name: getattr(logistic, name) for name in FITTED})
    for name, model in (("logistic", logistic), ("xgboost", xgboost)):
        vo.convert(model, rows[:200]).save(folder / name)
    return rows


def expected(folder: Path, model: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The answers of a session in this process."""
    return vo.load(folder / model / "1" / "model.onnx").run(rows)
