"""The fitted LogisticRegression in an environment of its own: a pickle would tie its scikit-learn to this project's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

FITTED = ("classes_", "coef_", "intercept_", "n_features_in_")


def logistic(folder: Path) -> LogisticRegression:
    """The one that `models.prepare` fitted."""
    model = LogisticRegression()
    for name, value in np.load(folder / "logistic.npz").items():
        setattr(model, name, value)
    return model
