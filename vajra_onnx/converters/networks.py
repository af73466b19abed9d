"""Networks: models that name their own inputs and outputs, of any rank, whatever the sample looks like.

An estimator takes a table, and its outputs are its methods. A network of Keras takes named tensors [N, ...] and answers by name.
What registers as one here goes its own way through `export` and `parity`; as a part of a chain it is fed with a table.
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

# How close a graph with a network in it has to be, relative to the largest number of an answer or of the sample's answers.
NETWORK_RTOL = 1e-5


@dataclass(frozen=True)
class Network:
    """inputs: the columns that it takes, in its own order. emit: the input variables by name -> the output variables by name.
    answer: what the original says to arrays by input name, by output name; None where it cannot be run here, and `unable` says
    why. rtol: how close the graph has to be, relative to the largest number of an answer. packages: whose versions count.
    precise: makes what answers in float64, None where the original has no such; it is made when it is first asked for."""

    inputs: tuple[Column, ...]
    emit: Callable[[Mapping[str, Var]], dict[str, Var]]
    answer: Callable[[Feeds], dict[str, np.ndarray]] | None
    unable: str = ""
    rtol: float = NETWORK_RTOL
    packages: tuple[str, ...] = ()
    precise: Callable[[], Callable[[Feeds], dict[str, np.ndarray]] | None] = lambda: None


_networks: dict[type, Callable[[Any, Any], Network]] = {}
_families: dict[type, Callable[[Any, Any], Network]] = {}
_wrappers: dict[type, Callable[[Any], Any]] = {}


def describes(*types: type, subclasses: bool = False) -> Callable[[Function], Function]:
    """Register what describes these types: `(model, sample) -> Network`, where the sample is needed only for models that do not
    know the shapes of their inputs. subclasses: it also looks at what a subclass overrides."""

    def register(function: Function) -> Function:
        _networks.update(dict.fromkeys(types, function))
        if subclasses:
            _families.update(dict.fromkeys(types, function))
        return function

    return register


def wraps_network(*types: type) -> Callable[[Function], Function]:
    """Register what finds the network inside of these estimators, None before they are fitted: their numbers are as close as a
    network's."""

    def register(function: Function) -> Function:
        _wrappers.update(dict.fromkeys(types, function))
        return function

    return register


def network_of(model: Any, sample: Any) -> Network | None:
    """The network that a model is, or None for an estimator."""
    describe = _describer(type(model))
    return None if describe is None else describe(model, sample)


def is_network(model: Any) -> bool:
    """Whether a model is a network."""
    return _describer(type(model)) is not None


def is_wrapper(model: Any) -> bool:
    """Whether a model is an estimator inside of which a network computes."""
    return find_registered(type(model), _wrappers) is not None


def network_inside(model: Any) -> Any:
    """The network inside of an estimator, or None."""
    find = find_registered(type(model), _wrappers)
    return None if find is None else find(model)


def _describer(kind: type) -> Callable[[Any, Any], Network] | None:
    describe = find_registered(kind, _networks)
    for base in kind.__mro__[1:-1]:
        if describe is None:
            find_registered(base, _families)
            describe = _families.get(base)
    return describe
