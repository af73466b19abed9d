"""Support vector machines: kernels, votes, decision shapes, probabilities by libsvm's own iteration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, iris, regression
from scipy.sparse import csr_matrix
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

from vajra_onnx.errors import UnsupportedError

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
KERNELS: list[dict[str, Any]] = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 3.0},
    {"kernel": "sigmoid", "gamma": 0.01, "coef0": 0.5},
    {"kernel": "poly", "degree": 3, "gamma": 0.05},
    {"kernel": "poly", "degree": 6, "coef0": 1.0, "gamma": 0.01},
    {"kernel": "poly", "degree": 0},
]
SVC_OUTPUTS = ["predict", "decision_function"]
PROBABILITIES = ["predict", "decision_function", "predict_proba", "predict_log_proba"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", [SVC, NuSVC])
def test_every_form_of_data_and_labels(kind: Any, form: str, labels: str) -> None:
    x, y = classification(form, labels)
    assert_same(kind().fit(x, y), x, outputs=SVC_OUTPUTS, **CLOSE)


@pytest.mark.parametrize("shape", ["ovr", "ovo"])
@pytest.mark.parametrize("labels", ["binary-string", "multi"])
@pytest.mark.parametrize("parameters", KERNELS, ids=str)
def test_kernels(parameters: dict[str, Any], labels: str, shape: str) -> None:
    x, y = classification("float64", labels)
    model = SVC(decision_function_shape=shape, **parameters).fit(x, y)
    scale = np.abs(model.decision_function(x)).max()
    assert_same(model, x, outputs=SVC_OUTPUTS, rtol=1e-12, atol=1e-12 * max(scale, 1.0))


@pytest.mark.parametrize("parameters", KERNELS, ids=str)
@pytest.mark.parametrize("kind", [SVR, NuSVR])
def test_regression(kind: Any, parameters: dict[str, Any]) -> None:
    x, y = regression("float64")
    assert_same(kind(C=10.0, **parameters).fit(x, y), x, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("form", FORMS)
def test_regression_on_every_form(form: str) -> None:
    x, y = regression(form)
    assert_same(SVR().fit(x, y), x, **CLOSE)


def test_a_regressor_without_support_vectors_is_constant() -> None:
    x, y = regression("float64")
    model = SVR(epsilon=1e6).fit(x, y)
    assert not len(model.support_vectors_)
    assert_same(model, x)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
def test_one_class(kernel: str, form: str) -> None:
    x, _ = classification(form)
    model = OneClassSVM(kernel=kernel, nu=0.3, gamma=0.01).fit(x)
    assert_same(model, x, outputs=["predict", "decision_function", "score_samples"], rtol=1e-12, atol=1e-11)


def test_equal_votes_go_to_the_first_class_and_break_ties_to_the_largest_decision() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(150, 6)), random.choice(["a", "b", "c", "d", "e"], 150)
    grid = random.normal(size=(500, 6))
    level, broken = SVC(break_ties=False).fit(x, y), SVC(break_ties=True).fit(x, y)
    assert (level.predict(grid) != broken.predict(grid)).any()
    for model in (level, broken):
        assert_same(model, x, grid, outputs=SVC_OUTPUTS, **CLOSE)


def test_break_ties_with_ovo_is_refused_as_the_original_does() -> None:
    x, y = classification("float64")
    with pytest.raises(UnsupportedError, match="break_ties"):
        converted(SVC(break_ties=True, decision_function_shape="ovo").fit(x, y), x)


@pytest.mark.parametrize("labels", ["binary", "multi"])
@pytest.mark.parametrize("kernel", ["precomputed", lambda a, b: a @ b.T], ids=["precomputed", "callable"])
def test_kernels_of_the_users_own_are_refused(kernel: Any, labels: str) -> None:
    x, y = classification("float64", labels)
    data = x @ x.T if kernel == "precomputed" else x
    with pytest.raises(UnsupportedError, match="kernel"):
        converted(SVC(kernel=kernel).fit(data, y), data)


@pytest.mark.parametrize("labels", ["binary", "binary-string", "multi", "multi-string"])
@pytest.mark.parametrize("parameters", KERNELS[:4], ids=str)
@pytest.mark.parametrize("kind", [SVC, NuSVC])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_probabilities(kind: Any, parameters: dict[str, Any], labels: str) -> None:
    x, y = classification("float64", labels)
    model = kind(probability=True, random_state=0, **parameters).fit(x, y)
    wide = np.vstack([x, np.random.default_rng(0).normal(scale=20.0, size=(300, 6))])
    assert_same(model, x, wide, outputs=PROBABILITIES, rtol=1e-10, atol=1e-11)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_probabilities_of_many_classes() -> None:
    x, _ = classification("float64")
    y = np.arange(len(x)) % 7
    model = SVC(probability=True, random_state=0).fit(x + y[:, None], y)
    assert_same(model, x, x + y[:, None], outputs=PROBABILITIES, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("labels", ["binary", "multi"])
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_fitted_on_a_sparse_matrix(kernel: str, labels: str) -> None:
    x, y = classification("float64", labels)
    model = SVC(kernel=kernel).fit(csr_matrix(x), y)
    assert_same(model, x, outputs=SVC_OUTPUTS, **CLOSE)


def test_far_from_the_origin_the_rbf_kernel_keeps_its_digits() -> None:
    x, y = iris()
    assert_same(SVC(gamma=1.0).fit(x + 1e6, y), x + 1e6, outputs=SVC_OUTPUTS, **CLOSE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("multi_class", ["ovr", "crammer_singer"])
def test_linear_svc(multi_class: str, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    model = LinearSVC(multi_class=multi_class, C=0.01, max_iter=100_000, random_state=0).fit(x, y)
    assert_same(model, x, outputs=SVC_OUTPUTS, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("form", FORMS)
def test_linear_svr(form: str) -> None:
    x, y = regression(form)
    assert_same(LinearSVR(C=0.1, max_iter=100_000, random_state=0).fit(x, y), x, rtol=1e-12, atol=1e-12)
