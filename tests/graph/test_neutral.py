"""onnxruntime drops arithmetic with constants that float32 cannot tell from a neutral one; a graph of ours keeps it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from spox import Tensor, argument

from vajra_onnx.graph import ops
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import DEFAULT_OPSET, building
from vajra_onnx.graph.values import constant

X = np.array([[1.5, -2.25, 0.0], [1e-50, 1e300, -1e-300]])


def computed(name: str, value: float, shape: tuple[int, ...], turned: bool) -> tuple[np.ndarray, list[str]]:
    with building(DEFAULT_OPSET, "exact") as target:
        x = argument(Tensor(np.float64, (None, 3)))
        y = ops.neg(x)  # between an input and an output, onnxruntime has to keep a node
        c, operator = constant(np.full(shape, value)), getattr(ops, name)
        proto = build(target, {"x": x}, {"y": ops.neg(operator(c, y) if turned else operator(y, c))})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": X})[0]), [node.op_type for node in proto.graph.node]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize(
    ("name", "reference", "value"),
    [
        ("mul", np.multiply, 1 + 1e-9),
        ("div", np.divide, 1 - 1e-9),
        ("add", np.add, 1e-50),
        ("sub", np.subtract, -1e-50),
    ],
)
def test_almost_neutral_constants_count(
    name: str, reference: np.ufunc, value: float, shape: tuple[int, ...], turned: bool
) -> None:
    got, _ = computed(name, value, shape, turned)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(got, -reference(value, -X) if turned else -reference(-X, value))


@pytest.mark.parametrize(("name", "value"), [("mul", 1.0), ("mul", 1.5), ("add", 0.0), ("add", -3.0)])
def test_other_constants_cost_no_node(name: str, value: float) -> None:
    assert len(computed(name, value, (), False)[1]) == 3
