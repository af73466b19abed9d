"""Branches: parts side by side in a chain, each of which makes one input of a network from the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..graph.block import Block
from .registry import Outputs, converts, reference, references, step, transform


@dataclass(frozen=True)
class Branches:
    """What a dict becomes in a chain. parts: by the name of the network's input."""

    parts: Mapping[str, Any]

    def transform(self, data: Any) -> dict[str, Any]:
        """What every part makes of the data."""
        return {name: reference(part, data, "transform") for name, part in self.parts.items()}

    def blocks(self, block: Block) -> dict[str, Block]:
        """The same in the graph."""
        results = {}
        for name, part in self.parts.items():
            with step(f"parts[{name!r}]"):
                results[name] = handed_on(part, block)
        return results


@converts(Branches)
def branches(model: Branches, block: Block) -> Outputs:
    """One output for every part: transform[name], for the name may be a column's as well."""
    return {f"transform[{name}]": result for name, result in model.blocks(block).items()}


@references(Branches)
def branches_reference(model: Branches, data: Any, output: str) -> Any:
    """The transform of one part, or of all."""
    if output == "transform":
        return model.transform(data)
    name = output.removeprefix("transform[").removesuffix("]")
    return reference(model.parts[name], data, "transform")


def handed_on(part: Any, block: Block) -> Block:
    """What a part's transform hands on, in the container that its `set_output` asks for."""
    return held(part, transform(part, block))


def held(part: Any, result: Block) -> Block:
    """scikit-learn's transformers hand on a DataFrame where they are told to."""
    if not hasattr(part, "set_output"):
        return result
    from .sklearn.containers import held

    return held(part, result)
