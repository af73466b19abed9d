"""Which outputs a model has, and which of them the graph answers, under which names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from spox import Var

from ..converters.registry import OnDemand
from ..errors import UnsupportedError
from ..graph.block import Block

Wanted = Iterable[str] | Mapping[str, str] | None


def choose(available: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Output name -> method name, for what the user asked for or for the defaults.

    Defaults: `predict` and `predict_proba` (or `decision_function`) for classifiers, `predict` for regressors and
    clusterers, `margin` in addition for boosters (alone where they have no `predict`), `transform` for transformers. A mapping
    renames among the defaults and adds what is not one of them; a list picks exactly what it names.
    """
    names = dict(wanted) if isinstance(wanted, Mapping) else {method: method for method in wanted or ()}
    methods = _defaults(available) if wanted is None or isinstance(wanted, Mapping) else []
    for method in names:
        found = _numbered(available, method)
        if not found:
            raise UnsupportedError("unknown output", expected=" | ".join(available), got=repr(method))
        methods += [key for key in found if key not in methods]
    return {_renamed(key, names, available): key for key in methods}


def _renamed(key: str, names: Mapping[str, str], available: Mapping[str, Any]) -> str:
    """The output name of a method's answer; the answers of one method keep their numbers."""
    head, _, number = key.rpartition("_")
    if key in names:
        return names[key]
    return f"{names[head]}_{number}" if head in names and head not in available and number.isdigit() else key


def _defaults(available: Mapping[str, Any]) -> list[str]:
    if _numbered(available, "predict"):
        scores = _numbered(available, "predict_proba") or _numbered(available, "decision_function")
        return _numbered(available, "predict") + scores + _numbered(available, "margin")
    return _numbered(available, "transform") or _numbered(available, "margin") or list(available)


def _numbered(available: Mapping[str, Any], method: str) -> list[str]:
    """The method itself, or its answers one by one: predict_proba_0, predict_proba_1, ... (A network's own outputs may well be
    called dense and dense_1.)"""
    if method in available:
        return [method]
    return [key for key in available if key.startswith(method + "_") and key[len(method) + 1 :].isdigit()]


def expand(outputs: Mapping[str, Any]) -> dict[str, Var | OnDemand]:
    """One variable per output: a list (the probabilities of a multi-output classifier) becomes name_0, name_1, ..."""
    expanded: dict[str, Var | OnDemand] = {}
    for name, value in outputs.items():
        if isinstance(value, list):
            expanded |= {f"{name}_{i}": v for i, v in enumerate(value)}
        else:
            expanded[name] = value.matrix() if isinstance(value, Block) else value
    return expanded


def built(output: Var | OnDemand) -> Var:
    """The variable of an output that was chosen."""
    return output.build() if isinstance(output, OnDemand) else output
