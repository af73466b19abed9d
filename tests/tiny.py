"""Tiny models of ours, made by hand: what the runtime's tests load."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from vajra_onnx import dtypes
from vajra_onnx.runtime.digest import CERTIFICATE_KEY, model_digest
from vajra_onnx.schema import METADATA_KEY, Column, Schema


def echo(columns: Sequence[Column]) -> onnx.ModelProto:
    """A model that answers its inputs: the output `out:a` is the input `a`."""
    nodes = [helper.make_node("Identity", [c.name], [f"out:{c.name}"]) for c in columns]
    return model(nodes, columns, [Column(f"out:{c.name}", c.dtype, c.shape) for c in columns])


def lookup() -> onnx.ModelProto:
    """A model that refuses: `answer` is 10 or 20 for `code` 0 or 1, and the check named "no such code" for others."""
    nodes = [helper.make_node("Gather", ["table", "code"], ["answer"], name="vajra_onnx.refuse: found 'x' in column 'code'")]
    table = numpy_helper.from_array(np.array([10.0, 20.0]), "table")
    return model(nodes, [Column("code", "int64")], [Column("answer", "float64", (None, 1))], [table])


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[Column],
    outputs: Sequence[Column],
    initializers: Sequence[onnx.TensorProto] = (),
) -> onnx.ModelProto:
    """A ModelProto with its schema inside."""
    graph = helper.make_graph(nodes, "tiny", [_info(c) for c in inputs], [_info(c) for c in outputs], initializers)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    schema = Schema(
        tuple(inputs), tuple(Column(c.name, "int64" if c.dtype == "datetime64" else c.dtype, c.shape) for c in outputs)
    )
    proto.metadata_props.add(key=METADATA_KEY, value=schema.to_json())
    return proto


def certify(proto: onnx.ModelProto, outputs: Sequence[dict[str, object]] = ()) -> None:
    """Add as much of a certificate as the runtime reads."""
    text = json.dumps({"digest": model_digest(proto.SerializeToString()), "outputs": list(outputs)})
    proto.metadata_props.add(key=CERTIFICATE_KEY, value=text)


def _info(column: Column) -> onnx.ValueInfoProto:
    shape = ["N" if size is None else size for size in column.shape]
    return helper.make_tensor_value_info(column.name, dtypes.dtype(column.dtype).onnx, shape)
