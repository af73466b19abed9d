"""A finished ONNX model as a part of the graph under construction: what another exporter made."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
import spox
from onnx import inliner, numpy_helper
from spox import Var

from ..errors import UnsupportedError
from .target import current
from .values import LATE_BOUND_BYTES, late_bound

DOMAINS = ("", "ai.onnx", "ai.onnx.ml")


def inlined(model: onnx.ModelProto, inputs: Sequence[Var]) -> list[Var]:
    """The outputs of a model on these inputs, in its own order. Its functions are inlined, its weights bound late, its comments
    (torch writes the user's source lines into every node) dropped.

    Raises UnsupportedError for another opset than the one that is built for: versions of operators do not mix in one graph.
    """
    if model.functions:
        model = inliner.inline_local_functions(model)
    _check(model)
    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    weights = [w for w in graph.initializer if len(w.raw_data) >= LATE_BOUND_BYTES]
    kept = [w for w in graph.initializer if len(w.raw_data) < LATE_BOUND_BYTES]
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(kept)
    for weight in weights:
        graph.input.append(onnx.helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims)))
    for item in [*graph.node, *graph.input, *graph.output, *graph.initializer]:
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    bare = onnx.helper.make_model(graph, ir_version=model.ir_version, opset_imports=_versions(model))
    arrays = [late_bound(numpy_helper.to_array(weight)) for weight in weights]
    return list(spox.inline(bare)(*inputs, *arrays).values())


def _check(model: onnx.ModelProto) -> None:
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), current().opset)
    if opset != current().opset:
        raise UnsupportedError("the opset of a graph to inline", expected=str(current().opset), got=str(opset))
    foreign = {node.domain for node in model.graph.node} - set(DOMAINS)
    if foreign:
        raise UnsupportedError("operators of a graph to inline", expected="those of ONNX itself", got=", ".join(sorted(foreign)))


def _versions(model: onnx.ModelProto) -> list[onnx.OperatorSetIdProto]:
    return [o for o in model.opset_import if o.domain in DOMAINS]
