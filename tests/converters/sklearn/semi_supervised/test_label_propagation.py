"""Label propagation, by radial basis functions and by nearest neighbours; self-training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, iris, tolerance
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

BOTH = ["predict", "predict_proba"]


def half_unlabelled(y: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(y)) % 3 == 0, -1, y)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "model",
    [
        LabelPropagation(gamma=0.2, tol=1e-2),
        LabelSpreading(gamma=0.1, alpha=0.3),
        LabelSpreading(kernel="knn", n_neighbors=5),
        LabelPropagation(kernel="knn", n_neighbors=9, max_iter=5000),
    ],
    ids=repr,
)
def test_label_propagation(model: Any, form: str) -> None:
    x, y = classification(form, "multi")
    model.fit(x, half_unlabelled(y))
    assert_same(model, x, outputs=BOTH, **tolerance(x))


def test_far_away_nothing_is_known() -> None:
    x, y = classification("float64", "multi")
    far = np.vstack([x[:20], x[:20] * 1e4])
    session = assert_same(LabelSpreading(gamma=0.2).fit(x, half_unlabelled(y)), x, x, outputs=BOTH, rtol=1e-12, atol=1e-13)
    assert np.isnan(session.run(far)["predict_proba"][20:]).all()


def test_a_callable_kernel_is_refused() -> None:
    x, y = iris()
    model = LabelSpreading(kernel=lambda a, b: np.exp(-np.abs(a[:, None] - b[None]).sum(axis=2)))
    with pytest.raises(UnsupportedError, match="callable"):
        converted(model.fit(x, half_unlabelled(y)), x)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(max_iter=2000),
        RandomForestClassifier(5, random_state=0),
        GaussianNB(),
    ],
    ids=lambda m: type(m).__name__,
)
def test_self_training(estimator: Any, form: str) -> None:
    x, y = classification(form, "multi")
    model = SelfTrainingClassifier(estimator).fit(x, half_unlabelled(y))
    # The logarithms of a forest's zeros are warned about.
    logarithms = [] if isinstance(estimator, RandomForestClassifier) else ["predict_log_proba"]
    names = [*BOTH, *logarithms, *(["decision_function"] if hasattr(model, "decision_function") else [])]
    assert_same(model, x, outputs=names, **tolerance(x))


def test_proof() -> None:
    x, y = iris()
    for model in (
        LabelSpreading(gamma=0.5),
        LabelSpreading(kernel="knn"),
        SelfTrainingClassifier(LogisticRegression(max_iter=2000)),
    ):
        vo.convert(model.fit(x, half_unlabelled(y)), x)


def test_float32_has_the_bits_of_numpys_exp() -> None:
    x, y = classification("float32", "multi")
    assert_same(LabelSpreading(gamma=0.1).fit(x, half_unlabelled(y)), x, outputs=["predict"])
    certificate = vo.convert(LabelSpreading(gamma=0.5).fit(x, half_unlabelled(y)), x).certificate
    assert certificate.passed
