"""Lines through points, with equal points and level ends, are numpy's and scipy's to the last bit."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from scipy.interpolate import interp1d as scipy_interp1d
from spox import Tensor, argument

from vajra_onnx.converters.sklearn.interpolation import Line, interp, interp1d
from vajra_onnx.errors import UnsupportedError
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building


def run(function: object, x: np.ndarray, lines: list[Line]) -> np.ndarray:
    """The function on its lines, through onnxruntime."""
    assert callable(function)
    with building() as target:
        var = argument(Tensor(x.dtype, ("N", x.shape[1])))
        proto = build(target, {"x": var}, {"y": function(var, lines)})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize("points", [1, 2, 3, 4, 17, 400])
def test_numpy_interp(points: int) -> None:
    rng = np.random.default_rng(points)
    lines = [(np.sort(np.repeat(rng.normal(size=points), rng.integers(1, 3, points))), rng.normal(size=2 * points)) for _ in "ab"]
    lines = [(xs, ys[: len(xs)]) for xs, ys in lines]
    x = np.concatenate(
        [*(xs for xs, _ in lines), *(np.nextafter(xs, 9) for xs, _ in lines), rng.normal(size=300), [np.nan, -99, 99]]
    )
    expected = np.stack([np.interp(x, xs, ys) for xs, ys in lines], axis=1)
    np.testing.assert_array_equal(run(interp, np.stack([x, x], axis=1), lines), expected)


@pytest.mark.parametrize("points", [2, 3, 4, 17, 400])
def test_scipy_interp1d_of_float32(points: int) -> None:
    rng = np.random.default_rng(points)
    xs, ys = np.unique(rng.normal(size=points).astype(np.float32)), rng.normal(size=points).astype(np.float32)
    x = np.concatenate([xs, np.nextafter(xs[:-1], np.float32(9)), rng.uniform(xs[0], xs[-1], 300).astype(np.float32)])
    x = np.clip(x, xs[0], xs[-1])
    expected = scipy_interp1d(xs, ys)(x).astype(np.float32)
    np.testing.assert_array_equal(run(interp1d, x[:, None], [(xs, ys)])[:, 0], expected)


def test_an_overflowing_slope_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="overflows"):
        run(interp, np.zeros((1, 1)), [(np.array([0.0, 5e-324]), np.array([0.0, 1.0]))])
