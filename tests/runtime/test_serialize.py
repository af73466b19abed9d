"""The bytes of a model are protobuf's own."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vajra_onnx.runtime.serialize import serialized


def model(*weights: onnx.TensorProto) -> onnx.ModelProto:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "graph", [x], [y], weights, doc_string="what it does")
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], producer_name="somebody")
    made.metadata_props.add(key="a", value="b")
    return made


def test_bytes_are_those_of_protobuf():
    large = numpy_helper.from_array(np.arange(200_000, dtype=np.float32).reshape(2, -1), "large")
    large.doc_string = "behind the raw data"
    empty = numpy_helper.from_array(np.zeros((0, 2), np.int64), "empty")
    texts = numpy_helper.from_array(np.array(["a", "żółty"], object), "texts")
    listed = helper.make_tensor("listed", TensorProto.FLOAT, [2], [1.0, 2.0])
    for weights in ([], [large], [empty, texts, large, listed], [large, large]):
        made = model(*weights)
        assert serialized(made) == made.SerializeToString(deterministic=True) == made.SerializeToString()


def test_external_data_stays_where_it_is():
    outside = onnx.TensorProto(name="outside", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="weights.bin")
    made = model(outside)
    assert serialized(made) == made.SerializeToString()
