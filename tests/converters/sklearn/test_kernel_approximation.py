"""Kernel approximations: waves, and kernels to fitted rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, in_form, regression, tolerance
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError

SAMPLERS = [
    RBFSampler(n_components=30, random_state=0),
    RBFSampler(gamma="scale", n_components=7, random_state=0),
    SkewedChi2Sampler(n_components=30, random_state=0),
    SkewedChi2Sampler(skewedness=0.3, n_components=9, random_state=0),
    AdditiveChi2Sampler(),
    AdditiveChi2Sampler(sample_steps=1),
    AdditiveChi2Sampler(sample_steps=3),
    AdditiveChi2Sampler(sample_steps=4, sample_interval=0.3),
]
KERNELS = ["poly", "rbf", "sigmoid", "laplacian", "chi2"]


def positive(form: str, rows: int = 100) -> Any:
    x, _ = regression("float64", rows=rows)
    return in_form(np.abs(x), form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", SAMPLERS, ids=repr)
def test_samplers(model: Any, form: str) -> None:
    x = positive(form)
    assert_same(model.fit(x), x, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_nystroem(kernel: str, form: str) -> None:
    x = positive(form)
    model = Nystroem(kernel, n_components=15, random_state=0, gamma=0.1).fit(x)
    scale = np.abs(model.normalization_).max() * np.abs(x).to_numpy().max() if form == "frame" else 10.0
    assert_same(model, x, rtol=tolerance(x)["rtol"], atol=tolerance(x)["atol"] * scale)


@pytest.mark.parametrize("kernel", ["linear", "cosine"])
def test_nystroem_of_kernels_without_a_width(kernel: str) -> None:
    x = positive("float64")
    assert_same(Nystroem(kernel, n_components=4, random_state=0).fit(x), x, rtol=1e-12, atol=1e-11)


def test_nystroem_takes_kernel_params() -> None:
    x = positive("float64")
    model = Nystroem("poly", n_components=10, random_state=0, kernel_params={"gamma": 0.1, "degree": 2, "coef0": 3.0})
    assert_same(model.fit(x), x, rtol=1e-12, atol=1e-10)


def test_numbers_that_the_originals_refuse() -> None:
    x = positive("float64")
    for model in (SkewedChi2Sampler(n_components=5, random_state=0), AdditiveChi2Sampler()):
        session, _ = converted(model.fit(x), x)
        with pytest.raises(InputError, match="expected"):
            session.run(-x[:2] - 2)


def test_unsupported() -> None:
    x = positive("float64")
    with pytest.raises(UnsupportedError, match="kernel"):
        converted(Nystroem(lambda a, b: 1.0, n_components=5).fit(x), x)
    with pytest.raises(UnsupportedError, match="int"):
        converted(AdditiveChi2Sampler().fit(x), x > 1)
    with pytest.raises(UnsupportedError, match="PolynomialCountSketch"):
        converted(PolynomialCountSketch(random_state=0).fit(x), x)


@pytest.mark.parametrize("model", [*SAMPLERS[::2], Nystroem("rbf", n_components=10, random_state=0)], ids=repr)
def test_proof(model: Any) -> None:
    x = positive("float64", rows=50)
    assert vo.convert(model.fit(x), x).certificate.passed


@pytest.mark.parametrize("model", SAMPLERS[2:5], ids=repr)
def test_samplers_in_float32_are_within_8_ulp_on_every_row(model: Any) -> None:
    x = positive("float32", rows=60)
    assert vo.convert(model.fit(x), x).certificate.passed
