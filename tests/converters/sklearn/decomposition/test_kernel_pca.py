"""KernelPCA: every kernel, centred and projected."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification, tolerance
from sklearn.decomposition import KernelPCA
from sklearn.metrics.pairwise import rbf_kernel

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

KERNELS = ["linear", "poly", "rbf", "sigmoid", "cosine"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_and_form_of_data(kernel: str, form: str) -> None:
    x, _ = classification(form)
    model = KernelPCA(3, kernel=kernel, gamma=0.01).fit(x)
    close = tolerance(x)
    scale = np.abs(model.transform(x)).max()
    assert_same(model, x, rtol=close["rtol"], atol=close["atol"] * scale)


@pytest.mark.parametrize(
    "parameters",
    [{"kernel": "poly", "degree": 2, "coef0": 0.5}, {"kernel": "rbf"}, {"kernel": "linear", "remove_zero_eig": True}],
    ids=str,
)
def test_parameters(parameters: dict[str, object]) -> None:
    x, _ = classification("float64", rows=60)
    model = KernelPCA(4, **parameters).fit(x)  # type: ignore[arg-type]
    assert_same(model, x, rtol=1e-12, atol=1e-12 * np.abs(model.transform(x)).max())


def test_precomputed_kernels() -> None:
    x, _ = classification("float64", rows=60)
    kernel = rbf_kernel(x, gamma=0.05)
    assert_same(KernelPCA(3, kernel="precomputed").fit(kernel), kernel, rtol=1e-12, atol=1e-13)


def test_a_callable_kernel_is_refused() -> None:
    x, _ = classification("float64", rows=40)
    with pytest.raises(UnsupportedError, match="kernel"):
        converted(KernelPCA(2, kernel=lambda a, b: float(a @ b)).fit(x), x)


@pytest.mark.parametrize("kernel", KERNELS)
def test_proof(kernel: str) -> None:
    x, _ = classification("float64", rows=60)
    assert vo.convert(KernelPCA(3, kernel=kernel).fit(x), x).certificate.passed
