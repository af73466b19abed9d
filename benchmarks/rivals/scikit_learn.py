"""The original pipeline itself: predict and predict_proba of the pickled object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib


def prepare(pipeline: Any, features: Any, folder: Path) -> None:
    joblib.dump(pipeline, folder / "model.joblib")


def load(folder: Path) -> Any:
    return joblib.load(folder / "model.joblib")


def run(model: Any, rows: Any) -> Any:
    return model.predict(rows), model.predict_proba(rows)


def one(model: Any, rows: Any, row: dict[str, Any]) -> Any:
    return run(model, rows)
