"""Average pools are fast at opset 18: a graph that means the same there states it, and any other its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from spox import Tensor, Var, argument

from vajra_onnx.graph import ops
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building
from vajra_onnx.graph.values import constant

X = np.random.default_rng(0).normal(size=(2, 3, 6, 6)).astype(np.float32)


def built(function: Callable[[Var], Var], opset: int = 21) -> tuple[int, np.ndarray]:
    """The version that the graph states, and what it answers."""
    with building(opset) as target:
        x = argument(Tensor(np.float32, ("N", 3, 6, 6)))
        proto = build(target, {"x": x}, {"y": function(x)})
    onnx.checker.check_model(proto, full_check=True)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return next(o.version for o in proto.opset_import if o.domain == ""), np.asarray(session.run(None, {"x": X})[0])


def pooled(x: Var, **options: object) -> Var:
    result: Var = ops.average_pool(x, kernel_shape=[2, 2], strides=[2, 2], **options)  # type: ignore[arg-type]
    return result


MEANS = X.reshape(2, 3, 3, 2, 3, 2).mean(axis=(3, 5))


@pytest.mark.parametrize("opset", [19, 20, 21, 22])
def test_a_pool_is_stated_at_18(opset: int) -> None:
    stated, answer = built(pooled, opset)
    assert stated == 18
    np.testing.assert_allclose(answer, MEANS, atol=1e-6)


def test_the_operators_around_a_pool_lose_what_18_does_not_know() -> None:
    def around(x: Var) -> Var:
        y = ops.cast(ops.cast(pooled(x), to=np.float64), to=np.float32)
        y = ops.pad(y, constant([0, 0, 1, 1, 0, 0, 1, 1]))
        return ops.squeeze(ops.reshape(ops.transpose(y, perm=[0, 2, 3, 1]), constant([0, -1, 1])), constant([2]))

    stated, answer = built(around)
    assert stated == 18
    padded = np.pad(MEANS, [(0, 0), (0, 0), (1, 1), (1, 1)])
    np.testing.assert_allclose(answer, np.moveaxis(padded, 1, -1).reshape(2, -1), atol=1e-6)


OWN: dict[str, Callable[[Var], Var]] = {
    "no pool": lambda x: ops.relu(x),
    "an operator that 18 lacks": lambda x: ops.gelu(pooled(x)),
    "an operator that changed": lambda x: ops.resize(pooled(x), None, constant(np.array([1, 1, 2, 2], np.float32))),
    "a dilated pool": lambda x: pooled(x, dilations=[2, 2]),
    "a padding that wraps": lambda x: ops.pad(pooled(x), constant([0, 0, 1, 1, 0, 0, 1, 1]), mode="wrap"),
}


@pytest.mark.parametrize("name", OWN)
def test_any_other_graph_states_its_own(name: str) -> None:
    assert built(OWN[name])[0] == 21


@pytest.mark.parametrize("opset", [17, 18])
def test_an_older_target_stays(opset: int) -> None:
    assert built(pooled, opset)[0] == opset
