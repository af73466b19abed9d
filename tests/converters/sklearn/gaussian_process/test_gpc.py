"""Classification by Gaussian processes: probabilities by an error function of our own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, classification
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Kernel, Matern, PairwiseKernel, WhiteKernel

import vajra_onnx as vo

BOTH = ["predict", "predict_proba"]
CLOSE = {"rtol": 1e-12, "atol": 1e-11}
KERNELS = [
    RBF(2.0),
    2.0 * Matern(3.0, nu=2.5) + WhiteKernel(0.5),
    DotProduct(1.0) ** 2,
    ConstantKernel(1.5),
    *(PairwiseKernel(metric=m, gamma=0.1) for m in ("linear", "poly", "rbf", "laplacian")),
]


def model_of(kernel: Kernel | None, **options: Any) -> GaussianProcessClassifier:
    return GaussianProcessClassifier(kernel, optimizer=None, **options)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_kernels(kernel: Kernel) -> None:
    x, y = classification("float64", "binary", rows=60)
    assert_same(model_of(kernel).fit(x, y), x, outputs=BOTH, **CLOSE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", ["binary-string", "multi-string"])
def test_forms_and_labels(form: str, labels: str) -> None:
    x, y = classification(form, labels, rows=60)
    assert_same(model_of(None).fit(x, y), x, outputs=BOTH, **CLOSE)


def test_one_vs_one_has_no_probabilities() -> None:
    x, y = classification("float64", "multi", rows=60)
    session = assert_same(model_of(RBF(2.0), multi_class="one_vs_one").fit(x, y), x)
    assert set(session.run(x)) == {"predict"}


def test_far_from_the_data() -> None:
    x, y = classification("float64", "binary", rows=40)
    assert_same(model_of(RBF(2.0)).fit(x, y), x, np.random.default_rng(0).normal(scale=100, size=(50, 6)), outputs=BOTH, **CLOSE)


@pytest.mark.parametrize("labels", ["binary", "multi"])
def test_proof(labels: str) -> None:
    x, y = classification("float64", labels, rows=25)
    vo.convert(model_of(RBF(2.0)).fit(x, y), x)
