"""What is computed twice is computed once: of nodes that do the same with the same values, the first one stays.

Networks repeat themselves (NASNet's cells take the Relu of one tensor up to three times), and so do emitters, each of which asks
for what it needs. The values are the same to the bit, because the operator is.
"""

from __future__ import annotations

from collections.abc import Iterator

import onnx

Names = dict[str, str]
# Operators of other domains may be random, too.
DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
RANDOM = frozenset({
    "Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
})  # fmt: skip


def merge_alike(graph: onnx.GraphProto, outer: Names | None = None) -> None:
    """Merge the nodes of a graph, and those of each graph inside of it, with each other. Nodes have no names yet.

    outer: the values of the graph around it that were merged, by those that stand for them.
    """
    names, outputs = dict(outer or {}), {o.name for o in graph.output}
    seen: dict[tuple[str, str, tuple[str, ...], int], list[onnx.NodeProto]] = {}
    merged = []
    for index, node in enumerate(graph.node):
        for place, name in enumerate(node.input):
            node.input[place] = names.get(name, name)
        inner = list(_inner(node))
        for each in inner:
            merge_alike(each, names)
        named = all(node.output)  # one that leaves an output out cannot stand for one that has it
        if inner or not named or outputs & set(node.output) or node.domain not in DOMAINS or node.op_type in RANDOM:
            continue
        like = seen.setdefault((node.domain, node.op_type, tuple(node.input), len(node.output)), [])
        first = next((one for one in like if one.attribute == node.attribute), None)
        if first is None:
            like.append(node)
        else:
            names.update(zip(node.output, first.output, strict=True))
            merged.append(index)
    for index in reversed(merged):
        del graph.node[index]
    for output in graph.output:  # of a graph inside, which may answer with a value from around it
        output.name = names.get(output.name, output.name)


def _inner(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs
