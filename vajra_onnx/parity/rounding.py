"""Where a graph rounds before it compares: the only inputs whose last bits can excuse another answer.

A tree that compares a column with a threshold must agree with the original on every float. A tree behind a PCA need not: the
sums of a matrix product depend on the order of additions, so the original itself is undecided within a few ulp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import onnx
from onnx import TensorProto

# IEEE 754 demands the exactly rounded result of these, or they only move values: every runtime gives the same bits.
EXACT = frozenset({
    "Abs", "Add", "Cast", "Clip", "Compress", "Concat", "ConstantOfShape", "Div", "Expand", "Flatten", "Gather",
    "GatherElements", "GatherND", "Identity", "Max", "Min", "Mul", "Neg", "Pad", "Relu", "Reshape", "ReduceMax",
    "ReduceMin", "ScatterElements", "ScatterND", "Shape", "Size", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tile",
    "Transpose", "Unsqueeze", "Where",
})  # fmt: skip
# Piecewise constant: a jump from one value to another at a threshold.
JUMPS = frozenset({
    "And", "ArgMax", "ArgMin", "Binarizer", "Ceil", "Equal", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN",
    "LabelEncoder", "Less", "LessOrEqual", "Mod", "NonZero", "Not", "OneHot", "OneHotEncoder", "Or", "Round", "Sign",
    "StringNormalizer", "TfIdfVectorizer", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor",
    "Unique", "Xor",
})  # fmt: skip
# They both jump and let the values themselves through.
BOTH = frozenset({"TopK", "If", "Loop", "Scan"})
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)


@dataclass(frozen=True)
class Source:
    """What a tensor is made of. exact: graph inputs of which it is an exact function; rounded: those that went through
    arithmetic whose last bits differ between runtimes. inexact: any such arithmetic at all, of thresholded values too."""

    exact: frozenset[str] = frozenset()
    rounded: frozenset[str] = frozenset()
    inexact: bool = False


@dataclass(frozen=True)
class Rounding:
    """inputs: the graph inputs that are rounded before a comparison. before_jump: whether anything at all is. anywhere: the graph
    inputs that are rounded at all."""

    inputs: frozenset[str]
    before_jump: bool
    anywhere: frozenset[str] = frozenset()


def rounding(model: onnx.ModelProto) -> Rounding:
    """Follow every value from the graph's inputs to the first comparison that it meets."""
    known = {i.name: Source(exact=frozenset({i.name})) for i in model.graph.input}
    inputs: frozenset[str] = frozenset()
    anywhere: frozenset[str] = frozenset()
    before_jump = False
    for node in model.graph.node:
        parts = [known.get(name, Source()) for name in _uses(node)]
        source = Source(
            frozenset().union(*(p.exact for p in parts)),
            frozenset().union(*(p.rounded for p in parts)),
            any(p.inexact for p in parts),
        )
        jumps = node.op_type in JUMPS or node.op_type in BOTH or _to_integer(node)
        if node.op_type in BOTH or not (jumps or node.op_type in EXACT):
            source = Source(frozenset(), source.rounded | source.exact, True)
            anywhere |= source.rounded
        if jumps:
            inputs |= source.rounded
            before_jump |= source.inexact
        if jumps and node.op_type not in BOTH:
            source = Source()
        known |= dict.fromkeys(node.output, source)
    return Rounding(inputs, before_jump, anywhere)


def _uses(node: onnx.NodeProto) -> Iterator[str]:
    """What a node reads, its subgraphs' outer values included."""
    yield from node.input
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from _uses(inner)


def _to_integer(node: onnx.NodeProto) -> bool:
    return node.op_type == "Cast" and not any(a.name == "to" and a.i in FLOATS for a in node.attribute)
