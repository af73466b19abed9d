"""KernelRidge: every kernel. The dual coefficients are large against the predictions, so errors are measured on their scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, in_form, regression
from sklearn.kernel_ridge import KernelRidge

import vajra_onnx as vo
from vajra_onnx.errors import InputError

KERNELS = ["linear", "poly", "rbf", "sigmoid", "cosine", "laplacian", "chi2", "additive_chi2"]


def data(form: str, rows: int = 100, targets: int = 1) -> tuple[Any, np.ndarray]:
    x, y = regression("float64", rows=rows, targets=targets)
    return in_form(np.abs(x), form), y


def scale(model: KernelRidge, form: str) -> float:
    single = form == "float32"
    return float(np.abs(model.dual_coef_).sum()) * (1e-5 if single else 1e-13)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_and_form_of_data(kernel: str, form: str) -> None:
    x, y = data(form)
    # additive_chi2 is not positive definite; a penalty above its most negative eigenvalue makes the fit regular.
    alpha = 1e5 if kernel == "additive_chi2" else 1.0
    model = KernelRidge(alpha=alpha, kernel=kernel, gamma=0.05).fit(x, y)
    assert_same(model, x, rtol=1e-6 if form == "float32" else 1e-12, atol=scale(model, form))


@pytest.mark.parametrize("gamma", [None, 0.1, np.float64(0.1), 2])
def test_two_targets(gamma: Any) -> None:
    x, y = data("float64", targets=2)
    for kernel in ("rbf", "poly"):
        model = KernelRidge(kernel=kernel, gamma=gamma, degree=2, coef0=0.5).fit(x, y)
        assert_same(model, x, rtol=1e-12, atol=scale(model, "float64") * (1 if kernel == "rbf" else 1e5))


def test_negative_numbers_are_refused_by_chi2_as_in_the_original() -> None:
    x, y = data("float64")
    session, _ = converted(KernelRidge(kernel="chi2", gamma=0.1).fit(x, y), x)
    with pytest.raises(InputError, match="negative"):
        session.run(-x[:3])


@pytest.mark.parametrize("kernel", ["linear", "rbf", "cosine", "laplacian"])
def test_proof(kernel: str) -> None:
    x, y = data("float64", rows=60)
    assert vo.convert(KernelRidge(kernel=kernel, gamma=0.05).fit(x, y), x).certificate.passed
