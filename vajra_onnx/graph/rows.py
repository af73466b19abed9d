"""Whether a graph answers each row by itself, so that a batch may be cut into blocks of rows that run at the same time.

Decided from the operators alone, by following where the batch's axis goes. What is not known to keep rows apart, bit for bit,
makes the answer no: subgraphs, shapes computed from the batch, sums over it, and products of matrices, whose kernels add in an
order that may depend on the number of rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

# The sizes of a value's axes; None is the batch. A value that does not depend on the batch has no None.
Shape = tuple[int | None, ...]

# fmt: off
ELEMENTWISE = frozenset((
    "Abs", "Add", "And", "Cast", "Ceil", "Clip", "Div", "Equal", "Erf", "Exp", "Floor", "Greater", "GreaterOrEqual",
    "Identity", "IsInf", "IsNaN", "LabelEncoder", "Less", "LessOrEqual", "Log", "Max", "Min", "Mod", "Mul", "Neg",
    "Not", "Or", "Pow", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Softplus", "Sqrt", "Sub", "Tanh", "Where",
    "Xor",
))
# fmt: on
REDUCTIONS = ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum")
TREES = ("TreeEnsemble", "TreeEnsembleRegressor")


class MixedError(Exception):
    """Rows may depend on each other."""


def independent_rows(model: onnx.ModelProto) -> bool:
    """True where every output has one row per row of the inputs, and no row's bits depend on any other row."""
    graph = model.graph
    known = {i.name: numpy_helper.to_array(i) for i in graph.initializer if math.prod(i.dims) <= 64}
    shapes: dict[str, Shape] = {i.name: tuple(i.dims) for i in graph.initializer}
    for value in graph.input:
        dims = value.type.tensor_type.shape.dim
        shapes[value.name] = (None, *(d.dim_value for d in dims[1:]))
        if not dims or dims[0].HasField("dim_value") or not all(d.dim_value for d in dims[1:]):
            return False
    try:
        for node in graph.node:
            if node.op_type == "Constant":
                known[node.output[0]] = array = numpy_helper.to_array(node.attribute[0].t)
                shapes[node.output[0]] = array.shape
            else:
                shapes[node.output[0]] = _shape(node, shapes, known)
    except (MixedError, KeyError):
        return False
    return all(len(shape) > 0 and shape[0] is None for shape in (shapes[o.name] for o in graph.output))


def _shape(node: onnx.NodeProto, shapes: dict[str, Shape], known: dict[str, np.ndarray]) -> Shape:
    """The shape of the only output. Raises MixedError, or KeyError for what would have to be a constant and is none."""
    inputs = [shapes[name] for name in node.input if name]
    if len(node.output) != 1:
        raise MixedError
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute if a.name in READ}
    if node.op_type in ELEMENTWISE:
        return _broadcast(inputs)
    if node.op_type in TREES:
        return (*_rows_first(inputs[0], rank=2)[:1], attributes["n_targets"])
    if node.op_type not in RULES:
        raise MixedError
    return RULES[node.op_type](inputs, attributes, [known.get(name) for name in node.input])


def _broadcast(inputs: Sequence[Shape]) -> Shape:
    """Batch meets batch or an axis of length 1; nothing else."""
    rank = max(len(shape) for shape in inputs)
    result: list[int | None] = []
    for sizes in zip(*((1,) * (rank - len(shape)) + shape for shape in inputs), strict=True):
        others = {size for size in sizes if size != 1}
        if len(others) > 1:
            raise MixedError
        result.append(others.pop() if others else 1)
    return _one_batch(result)


def _one_batch(shape: Sequence[int | None]) -> Shape:
    if list(shape).count(None) > 1:
        raise MixedError
    return tuple(shape)


def _rows_first(shape: Shape, rank: int | None = None) -> Shape:
    if not shape or shape[0] is not None or (rank is not None and len(shape) != rank):
        raise MixedError
    return shape


def _axes(shape: Shape, axes: Any) -> list[int]:
    """Axes counted from the front, none of which is the batch. No axes stand for all of them."""
    if axes is None or not np.size(axes):
        raise MixedError
    found = [int(a) % len(shape) for a in np.ravel(axes)]
    if any(shape[a] is None for a in found):
        raise MixedError
    return found


def _reduce(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    axes = _axes(inputs[0], attributes.get("axes", known[1] if len(known) > 1 else None))
    return _reduced(inputs[0], axes, attributes.get("keepdims", 1))


def _arg(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    return _reduced(inputs[0], _axes(inputs[0], attributes.get("axis", 0)), attributes.get("keepdims", 1))


def _reduced(shape: Shape, axes: Sequence[int], keep: int) -> Shape:
    return tuple(1 if i in axes else size for i, size in enumerate(shape) if keep or i not in axes)


def _softmax(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    _axes(inputs[0], attributes.get("axis", -1))
    return inputs[0]


def _transpose(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    return tuple(inputs[0][i] for i in attributes["perm"])


def _concat(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    axis = attributes["axis"] % len(inputs[0])
    width = sum(int(shape[_axes(shape, axis)[0]] or 0) for shape in inputs)
    others = {shape[:axis] + shape[axis + 1 :] for shape in inputs}
    if len(others) > 1:
        raise MixedError
    (rest,) = others
    return (*rest[:axis], width, *rest[axis:])


def _gather(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    """Rows look up in a table, or the same columns are taken of every row."""
    table, index = inputs
    (axis,) = _axes(table, attributes.get("axis", 0))
    return _one_batch((*table[:axis], *index, *table[axis + 1 :]))


def _gather_nd(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    table, index = inputs
    if None in table or not index or index[-1] is None or attributes.get("batch_dims", 0):
        raise MixedError
    return (*index[:-1], *table[index[-1] :])


def _reshape(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    """Each row's numbers stay in one row: [-1, sizes] whose product is that of the row."""
    row = math.prod(size or 0 for size in _rows_first(inputs[0])[1:])
    if known[1] is None or known[1][0] != -1 or math.prod(known[1][1:].tolist()) != row or (known[1][1:] < 1).any():
        raise MixedError
    return (None, *known[1][1:].tolist())


def _unsqueeze(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    if known[1] is None:
        raise MixedError
    shape = list(inputs[0])
    rank = len(shape) + known[1].size
    for axis in sorted(int(a) % rank for a in known[1]):
        shape.insert(axis, 1)
    return tuple(shape)


def _squeeze(inputs: Sequence[Shape], attributes: dict[str, Any], known: Sequence[np.ndarray | None]) -> Shape:
    return _reduced(inputs[0], _axes(inputs[0], known[1] if len(known) > 1 else None), 0)


Rule = Callable[[Sequence[Shape], dict[str, Any], Sequence[np.ndarray | None]], Shape]
RULES: dict[str, Rule] = {
    **dict.fromkeys(REDUCTIONS, _reduce),
    "ArgMax": _arg,
    "ArgMin": _arg,
    "Softmax": _softmax,
    "Transpose": _transpose,
    "Concat": _concat,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "Reshape": _reshape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
}
READ = ("n_targets", "axes", "axis", "keepdims", "perm", "batch_dims")
