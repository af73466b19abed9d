"""A model that works as long as it is asked to: for deadlines, cancellation, queues and shutdowns, on any transport."""

from __future__ import annotations

import math
import time
from functools import cache

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from vajra_onnx.export.build import write_schema
from vajra_onnx.schema import Column, Schema

# Products of two matrices of this size; one takes about 0.1 ms, on some processors a third of that.
SIZE = 160


@cache
def steps_of(seconds: float) -> int:
    """So many steps that they take this long here, on an idle processor at least."""
    session, some = onnxruntime.InferenceSession(slow().SerializeToString()), 1000
    times = []
    for _ in range(3):
        start = time.perf_counter()
        session.run(None, {"steps": np.array([[some]])})
        times.append(time.perf_counter() - start)
    return math.ceil(some * seconds / min(times))


def slow() -> onnx.ModelProto:
    """`steps` int64 [N, 1] to `done` int64 [N, 1], equal to it, after as many matrix products as the largest of them."""
    matrix = numpy_helper.from_array((np.eye(SIZE) * 0.999).astype(np.float32), "matrix")
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["state", "matrix"], ["next"]),
            helper.make_node("Identity", ["going"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [SIZE, SIZE]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [SIZE, SIZE]),
        ],
    )
    nodes = [
        helper.make_node("ReduceMax", ["steps"], ["most"], keepdims=0),
        helper.make_node("Loop", ["most", "", "matrix"], ["last"], body=body),
        # The result is used, or the loop would be optimised away.
        helper.make_node("ReduceSum", ["last"], ["sum"], keepdims=0),
        helper.make_node("Cast", ["sum"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["whole", "zero"], ["nothing"]),
        helper.make_node("Add", ["steps", "nothing"], ["done"]),
    ]
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("steps", TensorProto.INT64, [None, 1])],
        [helper.make_tensor_value_info("done", TensorProto.INT64, [None, 1])],
        [matrix, numpy_helper.from_array(np.array(0, np.int64), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    write_schema(model, Schema((Column("steps", "int64"),), (Column("done", "int64"),)))
    return model
