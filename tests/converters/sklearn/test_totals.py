"""numpy's sum of a whole matrix, bit for bit."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from spox import Tensor, argument

from vajra_onnx.converters.sklearn.totals import total
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building

SHAPES = [(1, 1), (1, 7), (1, 9), (1, 128), (1, 129), (3, 50), (100, 5), (620, 5), (1000, 13), (4097, 31)]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_total(kind: type) -> None:
    with building() as target:
        var = argument(Tensor(kind, ("N", "F")))
        proto = build(target, {"x": var}, {"y": total(var)})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        x = (rng.normal(size=shape) * 10.0 ** rng.uniform(-6, 6, shape)).astype(kind)
        assert session.run(None, {"x": x})[0] == [x.sum()]
