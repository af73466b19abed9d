"""pairwise_kernels against scikit-learn's own, through Nystroem's and KernelRidge's converters and on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import spox
from sklearn.metrics import pairwise

from vajra_onnx.converters.sklearn.metrics.kernels import pairwise_kernels
from vajra_onnx.errors import UnsupportedError
from vajra_onnx.graph.block import Block
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building

X = np.abs(np.random.default_rng(0).normal(size=(30, 5)))
POINTS = np.abs(np.random.default_rng(1).normal(size=(12, 5)))
X[3] = POINTS[4, 2] = 0.0
X[:, 1] = POINTS[:, 1] = 0.0
X[5] = POINTS[5]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("linear", {}),
    ("poly", {"gamma": 0.3, "degree": 2.5, "coef0": 1}),
    ("poly", {"gamma": np.float64(0.3), "degree": 3, "coef0": 0.5}),
    ("rbf", {"gamma": 0.7}),
    ("rbf", {}),
    ("laplacian", {"gamma": 0.7}),
    ("sigmoid", {"gamma": 0.1, "coef0": 0.2}),
    ("cosine", {}),
    ("chi2", {}),
    ("chi2", {"gamma": 2.0}),
    ("additive_chi2", {}),
]


def graph_kernel(x: np.ndarray, points: np.ndarray, name: Any, parameters: dict[str, Any]) -> np.ndarray:
    with building() as target:
        var = spox.argument(spox.Tensor(x.dtype, ("N", x.shape[1])))
        kernel = pairwise_kernels(Block.matrix_of(var), points, name, **parameters)
        proto = build(target, {"x": var}, {"kernel": kernel})
    return np.asarray(onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"x": x})[0])


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize(("name", "parameters"), CASES, ids=str)
def test_kernels(name: str, parameters: dict[str, Any], single: bool) -> None:
    x, points = (a.astype(np.float32) if single else a for a in (X, POINTS))
    expected = pairwise.pairwise_kernels(x, points, metric=name, **parameters)
    got = graph_kernel(x, points, name, parameters)
    assert got.dtype == expected.dtype
    close = {"rtol": 1e-6, "atol": 1e-6} if single else {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(got, expected, **close)


def test_precomputed_is_the_matrix_itself() -> None:
    kernel = POINTS @ POINTS.T
    assert (graph_kernel(kernel[:4], kernel, "precomputed", {}) == kernel[:4]).all()


def test_a_callable_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="callable"):
        graph_kernel(X, POINTS, lambda a, b: 0.0, {})
