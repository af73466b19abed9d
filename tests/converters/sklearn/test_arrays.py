"""numpy's sums, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from spox import Tensor, argument

from vajra_onnx.converters.sklearn import arrays
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building


def run(function: object, x: np.ndarray) -> np.ndarray:
    """The function of the columns of x, through onnxruntime."""
    import onnxruntime

    assert callable(function)
    with building() as target:
        var = argument(Tensor(x.dtype, ("N", x.shape[1])))
        proto = build(target, {"x": var}, {"y": function([arrays.column(var, i) for i in range(x.shape[1])])})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 16, 23, 100, 128])
def test_row_sums(kind: type, width: int) -> None:
    x = np.random.default_rng(width).lognormal(0, 5, (50, width)).astype(kind)
    np.testing.assert_array_equal(run(arrays.row_sums, x), x.sum(axis=1))


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("width", [1, 2, 7, 9, 23])
@pytest.mark.parametrize("weights", [None, "integers", "floats"])
def test_average(kind: type, width: int, weights: str | None) -> None:
    x = np.random.default_rng(width).lognormal(0, 5, (50, width)).astype(kind)
    values = {None: None, "integers": list(range(1, width + 1)), "floats": [0.1 * (i + 1) for i in range(width)]}[weights]
    expected = np.average(np.asarray(list(x.T.copy())), axis=0, weights=values)
    got = run(lambda columns: arrays.average(columns, values), x)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("width", [1, 7, 8, 100, 127, 128, 129, 136, 150, 300, 1023])
def test_pairwise_sums(kind: type, width: int) -> None:
    import onnxruntime

    x = np.random.default_rng(width).lognormal(0, 5, (50, width)).astype(kind)
    with building() as target:
        var = argument(Tensor(x.dtype, ("N", width)))
        proto = build(target, {"x": var}, {"y": arrays.pairwise_sums(var, width)})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_array_equal(session.run(None, {"x": x})[0], x.sum(axis=1))
