"""Constants that onnxruntime takes for a neutral one and drops.

Its NoopElimination (on by default, seen in 1.32) removes `x * c`, `x / c`, `x + c` and `x - c` with a single number `c` that is
neutral once rounded to float32: a factor of 1.00000001 or a summand of 1e-50 vanishes silently, and with it 6e-8 of the result.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NEUTRAL = {"Mul": 1.0, "Div": 1.0, "Add": 0.0, "Sub": 0.0}


def keep_almost_neutral(graphs: Iterable[onnx.GraphProto]) -> None:
    """Spread such a constant over the shape of the other operand, known at run time alone: it is no single number then."""
    everything = list(graphs)
    doubles = {i.name: i for g in everything for i in g.initializer if i.data_type == TensorProto.DOUBLE}
    for graph in everything:
        for index in reversed(range(len(graph.node))):
            node = graph.node[index]
            for place, name in enumerate(node.input):
                if node.op_type in NEUTRAL and name in doubles and _vanishes(doubles[name], NEUTRAL[node.op_type]):
                    shape, spread = (f"{node.output[0]}:{word}" for word in ("shape", "spread"))
                    graph.node.insert(index, helper.make_node("Expand", [name, shape], [spread]))
                    graph.node.insert(index, helper.make_node("Shape", [node.input[1 - place]], [shape]))
                    node.input[place] = spread
                    break


def _vanishes(tensor: onnx.TensorProto, neutral: float) -> bool:
    """Whether it is one number, not the neutral one, that float32 cannot tell from it."""
    if int(np.prod(tensor.dims)) != 1:
        return False
    value = float(numpy_helper.to_array(tensor).ravel()[0])
    with np.errstate(over="ignore"):
        return value != neutral and float(np.float32(value)) == neutral
