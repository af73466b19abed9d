"""A search answers as its best estimator, whatever that is."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from sklearn.datasets import load_diabetes, load_wine
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from vajra_onnx.errors import UnsupportedError

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :5]
NAMES = np.array(["barolo", "grignolino", "barbera"])[Y]
SEARCHES = [
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    RandomizedSearchCV(LogisticRegression(), {"C": [0.1, 1]}, n_iter=2, cv=2),
    HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2, min_resources=60, random_state=0),
    HalvingRandomSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2, min_resources=60, random_state=0),
]


@pytest.mark.parametrize("search", SEARCHES, ids=lambda s: type(s).__name__)
def test_classifier(search: GridSearchCV) -> None:
    outputs = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
    assert_same(search.fit(X, NAMES), X, None, outputs, rtol=1e-11, atol=1e-13)


def test_pipelines_and_transformers() -> None:
    x, y = load_diabetes(return_X_y=True)
    model = make_pipeline(PolynomialFeatures(), Ridge())
    assert_same(GridSearchCV(model, {"polynomialfeatures__degree": [1, 2]}, cv=2).fit(x, y), x, rtol=1e-13)
    scaler = GridSearchCV(StandardScaler(), {"with_mean": [True, False]}, scoring=lambda *_: 0.0, cv=2)
    assert_same(scaler.fit(x), x)


def test_without_refit_is_refused() -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2, refit=False).fit(X, Y)
    with pytest.raises(UnsupportedError, match="refit=True"):
        converted(search, X)


def test_errors_name_the_place() -> None:
    search = GridSearchCV(SubRidge(), {"alpha": [1]}, cv=2).fit(X, Y)
    with pytest.raises(UnsupportedError, match="at best_estimator_"):
        converted(search, X)


class SubRidge(Ridge):
    """A type of the user's own, for which nobody has registered a converter."""
