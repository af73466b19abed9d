"""Chain: fitted parts of any frameworks, one after another, as one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..graph.block import Block
from .branches import Branches, handed_on, held
from .feeding import asked, described, emitted, only_table
from .networks import Network, is_network
from .registry import Outputs, convert, converts, located, qualified_name, reference, references, step

# The methods of a chain besides `predict`: those of these that its last part has.
METHODS = ("predict_proba", "predict_log_proba", "decision_function", "score_samples", "transform")


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
        """How a network answers is found out once; its weights may change meanwhile."""
        known: dict[int, Network] = self.__dict__.setdefault("_networks", {})
        with self.at(index):
            if index not in known:
                known[index] = described(self.steps[index][1], given)
            return asked(known[index], given)

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
    table [N, F] in the dtype that it declares. A network of several inputs stands behind a dict of parts, one for each of them,
    which are all given the same data: `("prep", {"numbers": scaler, "words": encoder})`.
    `convert(chain, data)` makes ONE graph of them.
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
    steps = tuple((name, Branches(dict(part)) if isinstance(part, Mapping) else part) for name, part in steps)
    for (name, part), (_, after) in pairwise(steps):
        if isinstance(part, Branches) and not is_network(after):
            raise UnsupportedError("what follows a dict of parts", expected="a network", got=qualified_name(type(after)))
        if not is_network(part) and not hasattr(part, "transform"):
            raise UnsupportedError(
                f"{qualified_name(type(part))} before the end of a chain",
                expected="a part with transform",
                where=f"steps[{name!r}]",
            )
    return Chain(steps)


@converts(Chain)
def chained(model: Chain, block: Block) -> Outputs:
    """Every part feeds the next; the outputs are those of the last part, a network's by its own names."""
    given: Any = block
    for index, (_, part) in enumerate(model.steps[:-1]):
        with model.at(index):
            if is_network(part):
                given = Block.matrix_of(only_table(emitted(part, given)))
            else:
                given = part.blocks(given) if isinstance(part, Branches) else handed_on(part, given)
    with model.at(len(model.steps) - 1):
        if model.ends_in_network:
            return emitted(model.last, given)
        outputs = convert(model.last, given)
        result = outputs.get("transform")
        return outputs | ({"transform": held(model.last, result)} if isinstance(result, Block) else {})


@references(Chain)
def chain_reference(model: Chain, data: Any, output: str) -> Any:
    """What the chain itself answers in Python."""
    return model.answer(data, output)


def _kind(part: Any) -> str:
    if isinstance(part, Branches):
        return f"{{{', '.join(f'{name!r}: {_kind(each)}' for name, each in part.parts.items())}}}"
    return qualified_name(type(part)).replace(".src.", ".")
