"""KNeighborsClassifier: weights, labels, several outputs."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, iris
from sklearn.neighbors import KNeighborsClassifier

from vajra_onnx.errors import UnsupportedError

OUTPUTS = ["predict", "predict_proba", "kneighbors"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_trees_are_bit_identical(weights: str, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    assert_same(KNeighborsClassifier(weights=weights).fit(x[:110], y[:110]), x, outputs=OUTPUTS)


@pytest.mark.parametrize("form", ["float64", "float32"])
@pytest.mark.parametrize("weights", ["uniform", "distance", None])
def test_brute_force(weights: str | None, form: str) -> None:
    x, y = classification(form, "multi-string")
    model = KNeighborsClassifier(weights=weights, algorithm="brute").fit(x[:110], y[:110])
    assert_same(model, x, outputs=["predict"])
    assert_same(model, x[110:], outputs=["predict", "predict_proba"], rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 4, 7, 12])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_iris(weights: str, k: int) -> None:
    x, y = iris()
    grid = np.round(x + np.random.default_rng(0).normal(scale=0.3, size=x.shape), 1)
    model = KNeighborsClassifier(k, weights=weights).fit(x, y)
    assert_same(model, x, grid, outputs=OUTPUTS, rtol=1e-15 * (k > 8))


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("algorithm", ["auto", "brute"])
def test_several_outputs(algorithm: str, weights: str) -> None:
    x, y = classification("float64", "multi-string")
    model = KNeighborsClassifier(weights=weights, algorithm=algorithm).fit(x[:110], np.stack([y, y[::-1]], axis=1)[:110])
    assert_same(model, x[110:], outputs=["predict", "predict_proba"], rtol=1e-12 if algorithm == "brute" else 0.0)


def test_weights_of_the_users_own_are_refused() -> None:
    x, y = iris()
    with pytest.raises(UnsupportedError, match="weights"):
        converted(KNeighborsClassifier(weights=lambda d: d).fit(x, y), x)
