"""Binary classifiers put together: one against the rest, one against one, and by code words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from sklearn.datasets import load_digits, load_wine
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.preprocessing import StandardScaler

X, Y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)[:, :4]
DIGITS = tuple(part[:300] for part in load_digits(return_X_y=True))
DATA = {"text": (X, np.array(["c", "a", "b"])[Y]), "binary": (X, Y > 0), "ten": DIGITS}
WITHOUT_DECISION = VotingClassifier(
    [("a", LogisticRegression(max_iter=3000)), ("b", LogisticRegression(C=0.01, max_iter=3000))], voting="soft"
)
CLASSIFIERS = [LogisticRegression(max_iter=3000), Perceptron(random_state=0), WITHOUT_DECISION]
TOLERANCE: Any = {"rtol": 1e-11, "atol": 1e-13}


def methods(model: Any) -> list[str]:
    """The outputs that the fitted model offers."""
    return [m for m in ("predict", "predict_proba", "decision_function") if hasattr(model, m)]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("classifier", [*CLASSIFIERS, Ridge()], ids=lambda e: type(e).__name__)
def test_one_vs_rest(data: str, classifier: Any) -> None:
    x, y = DATA[data]
    model = OneVsRestClassifier(classifier).fit(x, y)
    assert_same(model, x, None, methods(model), **TOLERANCE)


@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda e: type(e).__name__)
@pytest.mark.filterwarnings("ignore:Label 3 is present in all")
def test_one_vs_rest_of_several_labels(classifier: Any) -> None:
    labels = np.c_[Y == 0, Y > 0, Y == 1, np.ones(len(Y))].astype(int)
    model = OneVsRestClassifier(classifier).fit(X, labels)
    assert_same(model, X, None, methods(model), **TOLERANCE)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda e: type(e).__name__)
def test_one_vs_one(data: str, classifier: Any) -> None:
    x, y = DATA[data]
    assert_same(OneVsOneClassifier(classifier).fit(x, y), x, None, ["predict", "decision_function"], **TOLERANCE)


@pytest.mark.parametrize("data", ["text", "ten"])
@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda e: type(e).__name__)
def test_output_code(data: str, classifier: Any) -> None:
    x, y = DATA[data]
    assert_same(OutputCodeClassifier(classifier, code_size=2, random_state=0).fit(x, y), x)
