"""A model as a layer: the graph of a Functional, the chain of a Sequential, walked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from ...errors import UnsupportedError
from .emit import emit, emits
from .layer import Call, Layer, Ref
from .tensor import Tensor
from .values import floats

Results = dict[tuple[str, int], list[Tensor]]


@dataclass(frozen=True)
class Graph:
    """layers: in the order of the file. calls: of each layer. inputs, outputs: where the graph begins and ends."""

    layers: Mapping[str, Layer]
    calls: Mapping[str, Sequence[Call]]
    inputs: list[Ref]
    outputs: list[Ref]

    @staticmethod
    def of(model: Layer) -> Graph:
        """The graph of a Functional or Sequential model. Raises UnsupportedError for any other."""
        if model.config.get("layers") is None or (model.class_name != "Sequential" and model.config.get("input_layers") is None):
            raise UnsupportedError(f"{model.class_name} has no graph of layers in its file", hint="convert the model object")
        layers = {layer.name: layer for layer in model.layers()}
        if model.class_name == "Sequential":
            return _chain(model, layers)
        calls = {name: list(layer.calls()) for name, layer in layers.items()}
        ends = [[_end(ref, layers) for ref in _ends(model.get(key))] for key in ("input_layers", "output_layers")]
        return Graph(layers, calls, *ends)

    def names(self, ends: Sequence[Ref]) -> list[str]:
        """The names of inputs or outputs, as Keras' `input_names` and `output_names`; a name that comes again gets a number."""
        return distinct([ref.layer for ref in ends])

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs. Every call is emitted once, when all of its arguments are there."""
        results: Results = {(ref.layer, ref.node): [tensor] for ref, tensor in zip(self.inputs, inputs, strict=True)}
        uses = Counter(r for calls in self.calls.values() for call in calls for r in _refs([call.args, call.kwargs]))
        uses.update(self.outputs)
        waiting = [(name, i) for name, calls in self.calls.items() for i in range(len(calls))]
        while waiting:
            left = [place for place in waiting if not self._run_call(place, results, uses)]
            if len(left) == len(waiting):
                raise UnsupportedError("a graph of layers with a loop or a missing part", got=f"{left[0][0]!r}")
            waiting = left
        return [results[ref.layer, ref.node][ref.index] for ref in self.outputs]

    def _run_call(self, place: tuple[str, int], results: Results, uses: Counter[Ref]) -> bool:
        """Emit one call, unless it has to wait for its arguments; whether it is done."""
        name, index = place
        call, layer = self.calls[name][index], self.layers[name]
        if place in results:
            return True
        if any((r.layer, r.node) not in results for r in _refs([call.args, call.kwargs])):
            return False
        args, kwargs = (_filled(value, results) for value in (call.args, call.kwargs))
        tensors = emit(layer, *_arguments(args, kwargs))
        if args and isinstance(args[0], Tensor) and isinstance(kwargs.get("mask"), Tensor):
            tensors = [t if t.mask is None else t.masked(args[0].mask) for t in tensors]  # the call's own mask ends with it
        results[place] = [t if uses[Ref(name, index, i)] == 1 else t.shared() for i, t in enumerate(tensors)]
        _let_go(call, results, uses)
        return True


def distinct(names: Sequence[str]) -> list[str]:
    """The names, in which one that comes again has the first number behind it that makes it another."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{i}" if i else name for i in count())
        found.append(next(each for each in numbered if each not in found and (each == name or each not in names)))
    return found


@emits("Functional", "Sequential", "Model")
def network(model: Layer, inputs: Any, *others: Any) -> list[Tensor]:
    """A model inside of a model; masks go through."""
    graph = Graph.of(model)
    model.ignore("layers", "input_layers", "output_layers", "build_input_shape")
    tensors = list(inputs.values()) if isinstance(inputs, dict) else inputs if isinstance(inputs, list) else [inputs, *others]
    if isinstance(inputs, dict):
        tensors = [inputs[name] for name in graph.names(graph.inputs)]
    return graph.run([_entering(graph.layers[ref.layer], t) for ref, t in zip(graph.inputs, tensors, strict=True)])


def _let_go(call: Call, results: Results, uses: Counter[Ref]) -> None:
    """Forget the arguments that no other call needs: what is not computed yet holds weights."""
    used = list(_refs([call.args, call.kwargs]))
    uses.subtract(used)
    for place in {(ref.layer, ref.node) for ref in used}:
        if all(uses[Ref(*place, i)] <= 0 for i in range(len(results[place]))):
            results[place] = []


def _entering(layer: Layer, x: Tensor) -> Tensor:
    """Floats in the type of the inner model's own input."""
    return floats(layer, x) if x.dtype.kind == "f" else x


def _chain(model: Layer, layers: Mapping[str, Layer]) -> Graph:
    names = list(layers)
    if not names or layers[names[0]].class_name != "InputLayer":
        raise UnsupportedError("a Sequential model without an input", hint="begin it with keras.Input(shape), or build it")
    calls = {name: [Call([Ref(before, 0, 0)], {})] for before, name in pairwise(names)}
    return Graph(layers, calls, [Ref(names[0], 0, 0)], [Ref(names[-1], 0, 0)])


def _arguments(args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments without those that say nothing: None, and `training`. The call of the whole model decides about that,
    whatever a layer was called with when the graph was made (`keras.src.models.functional.operation_fn`). An explicit mask is
    that of the only tensor.
    """
    kwargs = {k: v for k, v in kwargs.items() if v is not None and k != "training"}
    tensors = [v for v in [*args, *kwargs.values()] if isinstance(v, Tensor | list | dict)]
    if args and isinstance(args[0], Tensor) and isinstance(kwargs.get("mask"), Tensor) and len(tensors) == 2:
        args = [args[0].masked(kwargs.pop("mask").var), *args[1:]]
    return args, kwargs


def _ends(value: Any) -> Iterator[Ref]:
    """The places of inputs or outputs, in Keras' order: dicts by sorted key."""
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        yield Ref(*value)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from _ends(value[key])
    else:
        for each in value:
            yield from _ends(each)


def _end(ref: Ref, layers: Mapping[str, Layer]) -> Ref:
    """The call that an entry means: Functional models begin with a call of their own, which the file counts."""
    return Ref(ref.layer, ref.node - 1, ref.index) if layers[ref.layer].class_name == "Functional" and ref.node else ref


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _refs(each)
    elif isinstance(value, dict):
        yield from _refs(list(value.values()))


def _filled(value: Any, results: Results) -> Any:
    if isinstance(value, Ref):
        return results[value.layer, value.node][value.index]
    if isinstance(value, list):
        return [_filled(v, results) for v in value]
    return {k: _filled(v, results) for k, v in value.items()} if isinstance(value, dict) else value
