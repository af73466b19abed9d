"""The version of ai.onnx that a graph states: an older one than it was built for where ONNX Runtime is faster with that.

AveragePool has dilations since version 19. From there on onnxruntime (1.32) has another kernel for it, which takes six times as
long, dilated or not: NASNetMobile took 1.4 times as long as at version 18. A graph with such pools states 18, where all of its
operators mean the same there.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from onnx.defs import OpSchema, get_schema
from onnx.helper import get_attribute_value

FAST = {"AveragePool": 18}
# Versions 18 and later of these differ in types that no graph of ours has, and in attributes, which are looked at.
TYPES_ALONE = frozenset({
    "AveragePool", "Cast", "Constant", "ConstantOfShape", "Flatten", "Identity", "If", "Loop", "Pad", "Reshape", "Scan", "Shape",
    "Size", "Squeeze", "Transpose", "Unsqueeze",
})  # fmt: skip


def stated_opset(nodes: Sequence[onnx.NodeProto], opset: int) -> int:
    """The version to state for these nodes, those of graphs inside of them included, which were built for `opset`. Where it is an
    older one, attributes that it does not know, and that say nothing, are taken away."""
    own = [node for node in nodes if node.domain in ("", "ai.onnx")]
    older = min((FAST.get(node.op_type, opset) for node in own), default=opset)
    if older >= opset or not all(_means_the_same(node, older, opset) for node in own):
        return opset
    for node in own:
        known = get_schema(node.op_type, older).attributes
        kept = [attribute for attribute in node.attribute if attribute.name in known]
        if len(kept) < len(node.attribute):
            del node.attribute[:]
            node.attribute.extend(kept)
    return older


def _means_the_same(node: onnx.NodeProto, older: int, newer: int) -> bool:
    new = get_schema(node.op_type, newer)
    if new.since_version <= older:
        return True
    if node.op_type not in TYPES_ALONE:
        return False
    known = get_schema(node.op_type, older).attributes
    added = [attribute for attribute in node.attribute if attribute.name not in known]
    return all(_says_nothing(attribute, new.attributes[attribute.name]) for attribute in added) and not _wraps(node)


def _says_nothing(attribute: onnx.AttributeProto, described: OpSchema.Attribute) -> bool:
    """Whether it has its default: the one of the schema, or no dilation."""
    value = get_attribute_value(attribute)
    if attribute.name == "dilations":
        return all(each == 1 for each in value)
    return bool(described.default_value.name) and value == get_attribute_value(described.default_value)


def _wraps(node: onnx.NodeProto) -> bool:
    """Whether it is a Pad that continues from the other end, which is new in version 19."""
    return any(attribute.name == "mode" and attribute.s == b"wrap" for attribute in node.attribute)
