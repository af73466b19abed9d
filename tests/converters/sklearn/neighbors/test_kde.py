"""KernelDensity: kernels, metrics, weights and tolerances of one leaf; deeper trees are held to the density of the points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, classification
from sklearn.neighbors import KernelDensity

import vajra_onnx as vo
from vajra_onnx.errors import ParityError, UnsupportedError

KERNELS = ["gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"]
METRICS: list[dict[str, Any]] = [
    {"metric": "manhattan"},
    {"metric": "chebyshev"},
    {"metric": "minkowski", "metric_params": {"p": 3}},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels(kernel: str, form: str) -> None:
    x, _ = classification(form, rows=80)
    for bandwidth in (3.0, "scott", "silverman"):
        assert_same(KernelDensity(kernel=kernel, bandwidth=bandwidth).fit(x), x, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize("parameters", METRICS, ids=str)
def test_metrics(parameters: dict[str, Any], algorithm: str) -> None:
    x, _ = classification("float64", rows=80)
    for rtol in (0, 0.5):
        model = KernelDensity(bandwidth=4.0, algorithm=algorithm, rtol=rtol, **parameters).fit(x)
        assert_same(model, x, np.concatenate([x, x * 50]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_bounds_answer_within_the_tolerances(kernel: str) -> None:
    x, _ = classification("float64", rows=80)
    exact = KernelDensity(kernel=kernel, bandwidth=80.0).fit(x)
    model = KernelDensity(kernel=kernel, bandwidth=80.0, atol=1e-12, rtol=0.9).fit(x)
    assert kernel == "tophat" or not np.allclose(exact.score_samples(x), model.score_samples(x), rtol=1e-9)
    assert_same(model, x, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_weights() -> None:
    x, y = classification("float64", rows=80)
    for kernel in ("gaussian", "tophat"):
        assert_same(KernelDensity(kernel=kernel).fit(x, sample_weight=y), x, rtol=1e-12, atol=1e-12)


def test_why_deeper_trees_may_not_be_proved() -> None:
    rng = np.random.default_rng(0)
    x, rows = rng.normal(size=(700, 5)), rng.normal(size=(300, 5)) * 1.5
    alone = KernelDensity(kernel="tophat", leaf_size=700).fit(x).score_samples(rows)
    deep = KernelDensity(kernel="tophat").fit(x).score_samples(rows)
    assert np.isfinite(deep[np.isneginf(alone)]).any()
    with pytest.raises(ParityError):
        vo.convert(KernelDensity(kernel="tophat").fit(x), rows)


def test_refused_by_name() -> None:
    x, _ = classification("float64")
    with pytest.raises(UnsupportedError, match="metric"):
        converted(KernelDensity(metric="canberra", algorithm="ball_tree", leaf_size=150).fit(x), x)


@pytest.mark.parametrize("kernel", KERNELS)
def test_deeper_trees_add_up_the_points(kernel: str) -> None:
    x, _ = classification("float64")
    model = KernelDensity(kernel=kernel, bandwidth=3.0)
    assert_same(model.fit(x), x, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kernel", ["gaussian", "cosine"])
def test_proof(kernel: str) -> None:
    x, _ = classification("float64", rows=60)
    assert vo.convert(KernelDensity(kernel=kernel, bandwidth=3.0).fit(x), x).certificate.passed
