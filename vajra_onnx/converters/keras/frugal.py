"""A graph of layers that lets go of every tensor after its last use. Keras keeps all of them until the last layer is done: 160 MB
for each row of a ResNet50, whose largest tensors have 3 MB, and TensorFlow never gives them back.

The layers, their arguments and their order are Keras' own, and so is every bit of the answer.
Source: `keras.src.ops.function.Function._run_through_graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.ops.function import Function


@contextmanager
def letting_go() -> Iterator[None]:
    """Within it, models of Keras hold no more tensors than they need, those inside of other models included."""
    own = Function._run_through_graph
    Function._run_through_graph = _run_through_graph
    try:
        yield
    finally:
        Function._run_through_graph = own


def _run_through_graph(
    graph: Any, inputs: Any, operation_fn: Callable[[Any], Any] = lambda op: op, call_fn: Callable[..., Any] | None = None
) -> Any:
    """As Keras' method of this name, with its arguments."""
    held = {id(x): y for x, y in zip(graph.inputs, keras.tree.flatten(inputs), strict=False)}
    nodes = [node for depth in sorted(graph._nodes_by_depth, reverse=True) for node in graph._nodes_by_depth[depth]]
    nodes = [node for node in nodes if node.operation and not node.is_input]
    last = {id(x): place for place, node in enumerate(nodes) for x in node.input_tensors}
    last |= dict.fromkeys(map(id, graph.outputs), len(nodes))
    for place, node in enumerate(nodes):
        if all(id(x) in held for x in node.input_tensors):
            _compute(graph, node, held, operation_fn, call_fn)
        for x in (*node.input_tensors, *node.outputs):
            if last.get(id(x), place) <= place:
                held.pop(id(x), None)
    return keras.tree.pack_sequence_as(graph._outputs_struct, [held[id(x)] for x in graph.outputs])


def _compute(
    graph: Any, node: Any, held: dict[int, Any], operation_fn: Callable[[Any], Any], call_fn: Callable[..., Any] | None
) -> None:
    args, kwargs = node.arguments.fill_in(held)
    if call_fn is None:
        find = getattr(graph, "_get_operation_for_node", lambda node: node.operation)  # since Keras 3.12
        results = operation_fn(find(node))(*args, **kwargs)
    else:
        results = call_fn(operation_fn(node.operation), *args, **kwargs)
    held.update({id(x): y for x, y in zip(node.outputs, keras.tree.flatten(results), strict=False)})
