"""Networks: models that name their own inputs and outputs, of any rank, whatever the sample looks like.

An estimator takes a table, and its outputs are its methods. A network of Keras takes named tensors [N, ...] and answers by name.
What registers as one here goes its own way through `export` and `parity`; inside of pipelines it may have a converter, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from spox import Var

from ..schema import Column
from .registry import Function, find_registered

Feeds = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Network:
    """inputs: the columns that it takes, in its own order. emit: the input variables by name -> the output variables by name.
    answer: what the original says to arrays by input name, by output name; None where it cannot be run here, and `unable` says
    why. rtol: how close the graph has to be, relative to the largest number of an answer. packages: whose versions count."""

    inputs: tuple[Column, ...]
    emit: Callable[[Mapping[str, Var]], dict[str, Var]]
    answer: Callable[[Feeds], dict[str, np.ndarray]] | None
    unable: str = ""
    rtol: float = 1e-5
    packages: tuple[str, ...] = ()


_networks: dict[type, Callable[[Any, Any], Network]] = {}
_families: dict[type, Callable[[Any, Any], Network]] = {}


def describes(*types: type, subclasses: bool = False) -> Callable[[Function], Function]:
    """Register what describes these types: `(model, sample) -> Network`, where the sample is needed only for models that do not
    know the shapes of their inputs. subclasses: it also looks at what a subclass overrides."""

    def register(function: Function) -> Function:
        _networks.update(dict.fromkeys(types, function))
        if subclasses:
            _families.update(dict.fromkeys(types, function))
        return function

    return register


def network_of(model: Any, sample: Any) -> Network | None:
    """The network that a model is, or None for an estimator."""
    kind = type(model)
    describe = find_registered(kind, _networks)
    if describe is None:
        for base in kind.__mro__[1:-1]:
            find_registered(base, _families)
            if base in _families:
                describe = _families[base]
                break
    return None if describe is None else describe(model, sample)
