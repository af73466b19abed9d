"""Chain: fitted parts of any frameworks, one after another, as one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..graph.block import Block
from .feeding import fed, fed_block, table_of
from .networks import Network, is_network, network_of
from .registry import Outputs, convert, converts, located, qualified_name, reference, references, step, transform

# The methods of a chain besides `predict`: those of these that its last part has.
METHODS = ("predict_proba", "predict_log_proba", "decision_function", "score_samples", "transform")
# So many rows stand for the data where a network has to be traced to know what it computes.
EXAMPLE_ROWS = 3


class Chain:
    """What `chain` returns: fitted parts that act as one model.

    `chain.predict(data)` and the other methods of its last part; `chain["name"]`, `chain[0]` and `chain[:2]` for its parts.
    steps: the names and parts in their order.
    """

    def __init__(self, steps: tuple[tuple[str, Any], ...]) -> None:
        self.steps = steps

    @property
    def named_steps(self) -> dict[str, Any]:
        """The parts by name."""
        return dict(self.steps)

    @property
    def last(self) -> Any:
        """The last part."""
        return self.steps[-1][1]

    @property
    def ends_in_network(self) -> bool:
        """Whether its outputs are those of a network, by the network's own names."""
        return is_network(self.last)

    def predict(self, data: Any) -> Any:
        """What the last part predicts of what the others make of the data: an array, or a dict of arrays by output name for a
        network that has several. data: what the first part takes."""
        if not self.ends_in_network:
            return self.answer(data, "predict")
        answers = self._ask_network(len(self.steps) - 1, self.given(data))
        return next(iter(answers.values())) if len(answers) == 1 else answers

    def answer(self, data: Any, output: str) -> Any:
        """One output by its name in the converted graph: a method of the last part, or an output of the network that it is."""
        given = self.given(data)
        if not self.ends_in_network:
            return reference(self.last, given, output)
        answers = self._ask_network(len(self.steps) - 1, given)
        if output not in answers:
            raise AttributeError(f"no output {output!r}: expected {' | '.join(answers)}")
        return answers[output]

    def given(self, data: Any, count: int | None = None) -> Any:
        """What a part is given: what the parts before it make of the data. count: how many; None for all but the last."""
        for index in range(len(self.steps) - 1 if count is None else count):
            data = self._handed_on(index, data)
        return data

    def _handed_on(self, index: int, given: Any) -> Any:
        part = self.steps[index][1]
        if not is_network(part):
            return reference(part, given, "transform")
        with self.at(index):
            return only_table(self._ask_network(index, given))

    def _ask_network(self, index: int, given: Any) -> dict[str, np.ndarray]:
        with self.at(index):
            network = self._network(index, given)
            if network.answer is None:
                raise UnsupportedError(f"the original cannot be asked: {network.unable}")
            (column,) = network.inputs
            return network.answer({column.name: fed(column, given)})

    def _network(self, index: int, given: Any) -> Network:
        """How a network answers is found out once; its weights may change meanwhile."""
        known: dict[int, Network] = self.__dict__.setdefault("_networks", {})
        if index not in known:
            known[index] = described(self.steps[index][1], table_of(given).shape[1])
        return known[index]

    @contextmanager
    def at(self, index: int) -> Iterator[None]:
        """Inside, errors name this step."""
        with step(f"steps[{self.steps[index][0]!r}]"), located():
            yield

    def __getattr__(self, name: str) -> Any:
        if name in METHODS and not self.ends_in_network and hasattr(self.last, name):
            return partial(self.answer, output=name)
        if name == "classes_" and not self.ends_in_network:
            return self.last.classes_
        if name == "feature_names_in_":
            return self.steps[0][1].feature_names_in_
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __getitem__(self, key: str | int | slice) -> Any:
        if isinstance(key, slice):
            return chain(*self.steps[key])
        return self.named_steps[key] if isinstance(key, str) else self.steps[key][1]

    def __len__(self) -> int:
        return len(self.steps)

    def __getstate__(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def __repr__(self) -> str:
        return f"chain({', '.join(f'({name!r}, {_kind(part)})' for name, part in self.steps)})"


def chain(*steps: tuple[str, Any]) -> Chain:
    """Fitted parts of any supported frameworks as one model: `chain(("prep", column_transformer), ("net", keras_model))`.

    Every part but the last hands on its `transform`, or, if it is a network, its only output [N, K]. A network is given a dense
    table in the dtype that it declares; it has one input [N, F]. `convert(chain, data)` makes ONE graph of them.
    Raises UnsupportedError for parts that cannot stand in their place, by name.
    """
    if not steps:
        raise UnsupportedError("a chain without parts", expected="(name, fitted part), ...")
    for each in steps:
        if not (isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)):
            raise UnsupportedError("a part of a chain", expected="(name, fitted part)", got=repr(each)[:60])
    names = [name for name, _ in steps]
    if len(set(names)) < len(names):
        raise UnsupportedError("the names of a chain's parts", expected="each only once", got=", ".join(names))
    for name, part in steps[:-1]:
        if not is_network(part) and not hasattr(part, "transform"):
            raise UnsupportedError(
                f"{qualified_name(type(part))} before the end of a chain",
                expected="a part with transform",
                where=f"steps[{name!r}]",
            )
    return Chain(tuple(steps))


@converts(Chain)
def chained(model: Chain, block: Block) -> Outputs:
    """Every part feeds the next; the outputs are those of the last part, a network's by its own names."""
    for index, (_, part) in enumerate(model.steps[:-1]):
        with model.at(index):
            block = Block.matrix_of(only_table(emitted(part, block))) if is_network(part) else _held(part, transform(part, block))
    with model.at(len(model.steps) - 1):
        if model.ends_in_network:
            return dict(emitted(model.last, block))
        outputs = convert(model.last, block)
        result = outputs.get("transform")
        return outputs | ({"transform": _held(model.last, result)} if isinstance(result, Block) else {})


@references(Chain)
def chain_reference(model: Chain, data: Any, output: str) -> Any:
    """What the chain itself answers in Python."""
    return model.answer(data, output)


def described(part: Any, width: int) -> Network:
    """The network that a part is. Raises UnsupportedError unless it has one input."""
    network = network_of(part, np.zeros((EXAMPLE_ROWS, width), np.float32))
    assert network is not None
    if len(network.inputs) != 1:
        names = ", ".join(column.name for column in network.inputs)
        raise UnsupportedError("a network of several inputs in a chain", expected="one input", got=names)
    return network


def emitted(part: Any, block: Block) -> Mapping[str, Any]:
    """The outputs of a network that is fed with a block, by name."""
    network = described(part, block.width)
    (column,) = network.inputs
    return network.emit({column.name: fed_block(column, block)})


def only_table(answers: Mapping[str, Any]) -> Any:
    """The one output [N, K] of a network that another part follows: an array, or a variable."""
    if len(answers) != 1:
        raise UnsupportedError("a network before the end of a chain", expected="one output", got=", ".join(answers))
    ((name, value),) = answers.items()
    shape = value.shape if isinstance(value, np.ndarray) else value.unwrap_tensor().shape
    if shape is None or len(shape) != 2:
        raise UnsupportedError(f"the output {name!r} of a network before the end of a chain", expected="[N, K]", got=f"{shape}")
    return value


def _held(part: Any, result: Block) -> Block:
    """scikit-learn's transformers hand on a DataFrame where they are told to."""
    if not hasattr(part, "set_output"):
        return result
    from .sklearn.containers import held

    return held(part, result)


def _kind(part: Any) -> str:
    return qualified_name(type(part)).replace(".src.", ".")
