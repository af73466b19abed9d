"""Systems of a few unknowns, one per row, against numpy.linalg."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import spox

from vajra_onnx.converters.sklearn.linear_systems import solve_positive
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_solutions_and_last_pivots(size: int) -> None:
    factors = np.random.default_rng(size).normal(size=(20, size, size + 3))
    matrices, right = factors @ factors.transpose(0, 2, 1), np.random.default_rng(0).normal(size=(20, size))
    with building() as target:
        a, b = spox.argument(spox.Tensor(np.float64, ("N", size, size))), spox.argument(spox.Tensor(np.float64, ("N", size)))
        solution, pivot = solve_positive(a, b, size)
        proto = build(target, {"a": a, "b": b}, {"solution": solution, "pivot": pivot})
    got, last = onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"a": matrices, "b": right})
    np.testing.assert_allclose(got, np.linalg.solve(matrices, right[..., None])[..., 0], rtol=1e-9)
    np.testing.assert_allclose(last[:, 0], np.linalg.cholesky(matrices)[:, -1, -1] ** 2, rtol=1e-10)
