"""The order of equally distant neighbours: what scikit-learn's own sort makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
import spox

from vajra_onnx.converters.sklearn.neighbors.introsort import partitioned
from vajra_onnx.converters.sklearn.neighbors.search import smallest
from vajra_onnx.graph import ops
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import DEFAULT_OPSET, building


@pytest.mark.skipif(sklearn.__version__ < "1.9", reason="sorts in another way")
@pytest.mark.parametrize("k", [15, 16, 17, 31, 40, 100])
def test_sorts_as_scikit_learn_does(k: int) -> None:
    import onnxruntime
    from sklearn.utils._sorting import _py_simultaneous_sort

    rng = np.random.default_rng(k)
    values = rng.integers(0, rng.integers(2, 40, (200, 1)), size=(200, k)).astype(np.float64)
    values[:50].sort(axis=1)
    points = np.tile(np.arange(k), (200, 1))
    with building(DEFAULT_OPSET, "exact") as target:
        v, p = spox.argument(spox.Tensor(np.float64, ("N", k))), spox.argument(spox.Tensor(np.int64, ("N", k)))
        cut, at = partitioned(v, p, k)
        found, order = smallest(cut, k)
        model = build(target, {"values": v, "points": p}, {"found": found, "at": ops.gather_elements(at, order, axis=1)})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found_rows, at_rows = session.run(["found", "at"], {"values": values, "points": points})
    for i in range(len(values)):
        expected, places = values[i].copy(), points[i].copy()
        _py_simultaneous_sort(expected, places, k, use_three_way_partition=False)
        np.testing.assert_array_equal(found_rows[i], expected)
        np.testing.assert_array_equal(at_rows[i], places)
