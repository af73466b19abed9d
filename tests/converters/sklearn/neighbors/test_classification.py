"""KNeighborsClassifier: weights, labels, several outputs."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, iris
from sklearn.neighbors import KNeighborsClassifier

from vajra_onnx.errors import InputError, UnsupportedError

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


@pytest.mark.parametrize("metric", ["cosine", "mahalanobis"])
def test_copies_of_a_point_with_other_targets_are_a_choice(metric: str) -> None:
    """numpy's argpartition may keep either copy: rows whose last neighbour is one of them are refused, others are answered."""
    x = np.random.default_rng(0).normal(size=(60, 4))
    parameters = {"VI": np.eye(4)} if metric == "mahalanobis" else None
    model = KNeighborsClassifier(1, metric=metric, algorithm="brute", metric_params=parameters)
    fitted = np.concatenate([x, x[:1]])
    other, same = np.arange(61) == 60, np.zeros(61, bool)
    session, _ = converted(model.fit(fitted, other), x)
    with pytest.raises(InputError, match="argpartition"):
        session.run(x[:1])
    session.run(x[20:])
    assert_same(model.fit(fitted, same | (np.arange(61) > 30) & ~other), x)
