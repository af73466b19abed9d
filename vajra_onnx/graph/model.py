"""From variables to a finished ModelProto: names verbatim, weights as initializers, nodes named, no leftover nodes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Set

import numpy as np
import onnx
import spox
from onnx.defs import OpSchema, get_schema
from onnx.helper import np_dtype_to_tensor_dtype
from spox import Var

from ..errors import UnsupportedError
from .alike import merge_alike
from .neutral import keep_almost_neutral
from .stated import stated_opset
from .target import Target

# What every runtime reads that runs ai.onnx.ml 5.
IR_VERSION = 10
STANDARD = ("", "ai.onnx", "ai.onnx.ml")
# What protobuf can write into one file, and onnxruntime read, less room for nodes and metadata.
MOST_BYTES = 2**31 - 2**24


def build(target: Target, inputs: Mapping[str, Var], outputs: Mapping[str, Var]) -> onnx.ModelProto:
    """The graph that computes `outputs` from `inputs`. Nodes that no output reaches do not enter it. Raises UnsupportedError for
    more weights than one file can hold.

    Column names may be any text, also names that a node's value would get: values are named `v0`, `v1`, ... around them.
    """
    _refuse_too_large(target)
    ins = {f"in:{i}": var for i, var in enumerate(inputs.values())}
    weights = {f"w:{i}": var for i, (var, _) in enumerate(target.weights)}
    # An output that is an input as well, or twice an output, needs a value of its own: spox adds an Identity.
    outs = {f"out:{i}": var for i, var in enumerate(outputs.values())}
    model = spox.build({**ins, **weights}, outs)
    graph = model.graph
    _bind_weights(graph, target)
    _drop_identities(graph)
    _drop_unused_outputs(graph, target)
    merge_alike(graph)
    keep_almost_neutral(_graphs(graph))
    own = _name_nodes(graph, target)
    names = {f"in:{i}": name for i, name in enumerate(inputs)} | {f"out:{i}": name for i, name in enumerate(outputs)}
    _rename(graph, names, own)
    _set_opsets(model, target)
    model.ir_version = IR_VERSION
    model.producer_name = "vajra-onnx"
    graph.name = "pipeline"
    return model


def foreign_operators(model: onnx.ModelProto) -> list[str]:
    """The operators that ONNX does not define, `com.microsoft.Tokenizer`, each once."""
    return sorted({f"{node.domain}.{node.op_type}" for node in _nodes(model.graph) if node.domain not in STANDARD})


def _refuse_too_large(target: Target) -> None:
    size = sum(_size(var) for var, _ in target.weights)
    if size > MOST_BYTES:
        raise UnsupportedError(
            "the model is too large for an ONNX file",
            expected=f"at most {MOST_BYTES:,} bytes of weights, protobuf's limit",
            got=f"{size:,}",
        )


def _size(var: Var) -> int:
    """The bytes of a weight, 0 for text."""
    tensor = var.unwrap_tensor()
    kind = np.dtype(tensor.dtype)
    return 0 if kind.kind == "U" else kind.itemsize * math.prod(int(size or 0) for size in tensor.shape or ())


def _bind_weights(graph: onnx.GraphProto, target: Target) -> None:
    """Move late-bound weights that a node uses from the graph's inputs to its initializers.

    They may be most of the memory there is: each is made now at the earliest, written in place, and let go of then.
    """
    used = {name for node in _nodes(graph) for name in node.input} | {o.name for o in graph.output}
    kept = [i for i in graph.input if not i.name.startswith("w:")]
    del graph.input[:]
    graph.input.extend(kept)
    for i, (var, weight) in enumerate(target.weights):
        if f"w:{i}" in used:
            _write(graph.initializer.add(name=f"w:{i}"), weight() if callable(weight) else weight)
        weight = np.empty(0)
        target.weights[i] = var, weight


def _write(tensor: onnx.TensorProto, array: np.ndarray) -> None:
    tensor.dims.extend(array.shape)
    tensor.data_type = np_dtype_to_tensor_dtype(array.dtype)
    if array.dtype.kind in "OU":
        tensor.string_data.extend(str(text).encode() for text in array.ravel())
    else:
        tensor.raw_data = np.asarray(array, array.dtype.newbyteorder("<")).tobytes()


def _name_nodes(graph: onnx.GraphProto, target: Target) -> set[str]:
    """Give the nodes that read a weight with a name that name; answer the names.

    Two nodes must not share a name: blanks at the end, which nobody sees, tell equal ones apart.
    """
    seen: Counter[str] = Counter()
    position = {id(var): i for i, (var, _) in enumerate(target.weights)}
    wanted = {f"w:{position[id(var)]}": name for var, name in target.names}
    for node in _nodes(graph):
        for name in [wanted[value] for value in node.input if value in wanted]:
            node.name = name + " " * seen[name]
            seen[name] += 1
    return {name + " " * i for name, count in seen.items() for i in range(count)}


def _drop_identities(graph: onnx.GraphProto) -> None:
    """Remove the Identity nodes that spox puts before outputs, where their input is a node's value used for one output."""
    producers = {name: node for node in graph.node for name in node.output}
    outputs = {o.name for o in graph.output}
    for node in [n for n in graph.node if n.op_type == "Identity"]:
        source, result = node.input[0], node.output[0]
        if source in outputs or (source not in producers and result in outputs):
            continue
        new, old = (result, source) if result in outputs else (source, result)
        graph.node.remove(node)
        for other in _nodes(graph):
            _replace(other.input, {old: new})
            _replace(other.output, {old: new})
        producers = {name: n for n in graph.node for name in n.output}


def _drop_unused_outputs(graph: onnx.GraphProto, target: Target) -> None:
    """Take away the optional outputs at a node's end that nobody reads: spox names them all, and onnxruntime computes them all,
    the places of the maxima beside the maxima, 50 times slower than alone."""
    used = {name for node in _nodes(graph) for name in node.input} | {o.name for g in _graphs(graph) for o in g.output}
    for node in _nodes(graph):
        if len(node.output) > 1 and node.domain in ("", "ai.onnx"):
            optional = [
                o.option == OpSchema.FormalParameterOption.Optional for o in get_schema(node.op_type, target.opset).outputs
            ]
            # A loop has more outputs than its schema names: all those at the end are its states and stay.
            while len(node.output) <= len(optional) and optional[len(node.output) - 1] and node.output[-1] not in used:
                del node.output[-1]


def _rename(graph: onnx.GraphProto, names: Mapping[str, str], own: Set[str]) -> None:
    """Inputs and outputs get their own names; every other value a short one that none of them has.

    own: the names of nodes that stay.
    """
    taken = set(names.values())
    mapping = dict(names)
    fresh = (name for name in (f"v{i}" for i in range(10**9)) if name not in taken)
    for value in [i.name for i in graph.initializer] + [name for node in _nodes(graph) for name in node.output]:
        if value and value not in mapping:
            mapping[value] = next(fresh)
    for subgraph in _graphs(graph):
        for item in [*subgraph.input, *subgraph.output]:
            if item.name not in mapping:
                mapping[item.name] = next(fresh)
            item.name = mapping[item.name]
        for initializer in subgraph.initializer:
            initializer.name = mapping.setdefault(initializer.name, next(fresh))
        del subgraph.value_info[:]
    for index, node in enumerate(_nodes(graph)):
        _replace(node.input, mapping)
        _replace(node.output, mapping)
        if node.name not in own:
            node.name = f"{node.op_type}_{index}"


def _set_opsets(model: onnx.ModelProto, target: Target) -> None:
    """State the target's own versions, the operators' last change is at or before them; or an older one that is faster."""
    domains = {o.domain for o in model.opset_import} - {"ai.onnx.ml", "", "ai.onnx"}
    extra = [(o.domain, o.version) for o in model.opset_import if o.domain in domains]
    del model.opset_import[:]
    used, opset = {node.domain for node in _nodes(model.graph)}, stated_opset(list(_nodes(model.graph)), target.opset)
    for domain, version in [("", opset), *([("ai.onnx.ml", target.ml_opset)] if "ai.onnx.ml" in used else []), *extra]:
        model.opset_import.add(domain=domain, version=version)


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g)
            for inner in attribute.graphs:
                yield from _graphs(inner)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for g in _graphs(graph):
        yield from g.node


def _replace(names: object, mapping: Mapping[str, str]) -> None:
    for i, name in enumerate(names):  # type: ignore[arg-type, var-annotated]
        if name in mapping:
            names[i] = mapping[name]  # type: ignore[index]
