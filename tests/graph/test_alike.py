"""Nodes that do the same with the same values become one; what could differ stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper
from spox import Tensor, Var, argument

from vajra_onnx.graph import ops
from vajra_onnx.graph.alike import merge_alike
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building
from vajra_onnx.graph.values import constant

X = np.array([[1.5, -2.25, 0.0], [-0.0, 3.0, -1.0]], np.float32)


def operators(function: Callable[[Var], Var | list[Var]]) -> list[str]:
    """The operators of a function's graph, which onnxruntime runs; several outputs are y0, y1, ..."""
    with building() as target:
        x = argument(Tensor(np.float32, ("N", 3)))
        answers = function(x)
        outputs = {f"y{i}": var for i, var in enumerate(answers if isinstance(answers, list) else [answers])}
        proto = build(target, {"x": x}, outputs)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    assert len(session.run(None, {"x": X})) == len(outputs)
    return [node.op_type for node in proto.graph.node]


def test_chains_of_alike_nodes_become_one() -> None:
    found = operators(lambda x: ops.add(ops.exp(ops.relu(x)), ops.exp(ops.relu(x))))
    assert found == ["Relu", "Exp", "Add"]


def test_the_same_shared_constant() -> None:
    def twice(x: Var) -> Var:
        c = constant(2.0, np.float32)
        return ops.mul(ops.add(x, c), ops.add(x, c))

    assert operators(twice) == ["Add", "Mul"]


DIFFERENT: dict[str, Callable[[Var], Var]] = {
    "attributes": lambda x: ops.add(ops.softmax(x, axis=0), ops.softmax(x, axis=1)),
    "inputs": lambda x: ops.add(ops.relu(x), ops.relu(ops.neg(x))),
    "order of inputs": lambda x: ops.add(ops.sub(x, ops.neg(x)), ops.sub(ops.neg(x), x)),
    "operators": lambda x: ops.add(ops.relu(x), ops.neg(x)),
    "random numbers": lambda x: ops.add(ops.random_normal_like(x), ops.random_normal_like(x)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_nodes_stay(name: str) -> None:
    found = operators(DIFFERENT[name])
    assert len(found) - found.count("Neg") == (2 if name == "operators" else 3)


def test_every_output_has_its_node() -> None:
    assert operators(lambda x: [ops.relu(x), ops.relu(x), ops.exp(ops.relu(x))]).count("Relu") >= 2


def test_values_of_a_graph_around_are_seen_inside() -> None:
    def branches(x: Var) -> Var:
        some = ops.greater(ops.reduce_max(x, keepdims=0), constant(0.0, np.float32))
        first, second = ops.exp(x), ops.exp(x)
        (chosen,) = ops.if_(some, then_branch=lambda: [ops.neg(second)], else_branch=lambda: [ops.relu(second)])
        return ops.add(chosen, first)

    assert operators(branches).count("Exp") == 1


def test_the_bits_are_the_same() -> None:
    with building() as target:
        x = argument(Tensor(np.float32, ("N", 3)))
        proto = build(target, {"x": x}, {"y": ops.div(ops.sigmoid(x), ops.add(ops.sigmoid(x), ops.exp(x)))})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    with building() as target:
        x = argument(Tensor(np.float32, ("N", 3)))
        parts = build(target, {"x": x}, {"s": ops.sigmoid(x), "e": ops.exp(x)})
    whole = onnxruntime.InferenceSession(parts.SerializeToString(), providers=["CPUExecutionProvider"])
    s, e = whole.run(None, {"x": X})
    np.testing.assert_array_equal(session.run(None, {"x": X})[0], s / (s + e))


def test_an_output_that_is_left_out_stands_for_none() -> None:
    nodes = [
        helper.make_node("MaxPool", ["x"], ["a", ""], kernel_shape=[2]),
        helper.make_node("MaxPool", ["x"], ["b", "places"], kernel_shape=[2]),
        helper.make_node("MaxPool", ["x"], ["c", ""], kernel_shape=[2]),
        helper.make_node("Clip", ["c", "", "b"], ["y"]),
        helper.make_node("Cast", ["places"], ["z"], to=TensorProto.FLOAT),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "y", "z")]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:])
    merge_alike(graph)
    assert [list(node.input) for node in graph.node] == [["x"], ["x"], ["x"], ["c", "", "b"], ["places"]]
