"""Regression by Gaussian processes: every kernel, alone and combined."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, regression, tolerance
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    CompoundKernel,
    ConstantKernel,
    DotProduct,
    Exponentiation,
    ExpSineSquared,
    Kernel,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

KERNELS = [
    RBF(3.0),
    RBF([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    *(Matern(4.0, nu=nu) for nu in (0.5, 1.5, 2.5, np.inf)),
    Matern([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], nu=1.5),
    RationalQuadratic(2.0, alpha=0.7),
    ExpSineSquared(2.0, periodicity=7.0),
    DotProduct(1.5),
    ConstantKernel(2.0) * RBF(2.0) + WhiteKernel(0.3),
    Exponentiation(DotProduct(1.0), 2) + 0.5 * Matern(2.0),
    ConstantKernel(2.0) + WhiteKernel(0.1),
    *(PairwiseKernel(metric=m, gamma=0.02) for m in ("linear", "poly", "rbf", "laplacian", "sigmoid", "cosine")),
]


def fitted(
    kernel: Kernel | None, form: str = "float64", targets: int = 1, **options: bool
) -> tuple[GaussianProcessRegressor, object]:
    x, y = regression(form, targets, rows=60)
    model = GaussianProcessRegressor(kernel, alpha=100.0, optimizer=None, **options)
    return model.fit(x, y), x


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_kernels(kernel: Kernel) -> None:
    model, x = fitted(kernel)
    scale = float(np.abs(model.predict(x)).max())
    assert_same(model, x, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", [None, DotProduct(1.0) + RBF(2.0), PairwiseKernel(metric="rbf", gamma=0.1)], ids=repr)
def test_forms_targets_and_normalisation(kernel: Kernel | None, form: str) -> None:
    for targets in (1, 2):
        for normalize in (False, True):
            model, x = fitted(kernel, form, targets, normalize_y=normalize)
            # DotProduct and PairwiseKernel multiply float32 rows in float32.
            unit = tolerance(x if kernel is not None else None)["rtol"]
            assert_same(model, x, rtol=unit, atol=unit * float(np.abs(model.predict(x)).max()))


@pytest.mark.parametrize("metric", ["chi2", "additive_chi2"])
def test_kernels_of_histograms(metric: str) -> None:
    x, y = regression("float64", rows=60)
    kernel = PairwiseKernel(metric=metric, gamma=0.1) + DotProduct(20.0)
    model = GaussianProcessRegressor(kernel, alpha=100.0, optimizer=None).fit(np.abs(x), y)
    assert_same(model, np.abs(x), rtol=1e-12, atol=1e-10)


def test_an_optimized_kernel_and_one_column_of_targets() -> None:
    x, y = regression("float64", rows=40)
    model = GaussianProcessRegressor(RBF(3.0) + WhiteKernel(0.5), normalize_y=True).fit(x, y.reshape(-1, 1))
    assert_same(model, x, rtol=1e-12, atol=1e-10)


def test_float32_rows_for_a_float64_model() -> None:
    model, x = fitted(RBF(3.0))
    assert_same(model, np.asarray(x, np.float32), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("kernel", [Matern(2.0, nu=0.7), PairwiseKernel(metric=lambda a, b: 0.0), CompoundKernel([RBF(1.0)])])
def test_refused_by_name(kernel: Kernel) -> None:
    model, x = fitted(RBF(1.0))
    model.kernel_ = kernel
    with pytest.raises(UnsupportedError, match=r"kernel|nu"):
        converted(model, x)


def test_a_model_that_was_not_fitted() -> None:
    with pytest.raises(UnsupportedError, match="fitted"):
        converted(GaussianProcessRegressor(), np.zeros((3, 2)))


def test_proof() -> None:
    x, y = regression("float64", rows=60)
    vo.convert(GaussianProcessRegressor(RBF(4.0) + WhiteKernel(1.0), optimizer=None, normalize_y=True).fit(x, y), x)
