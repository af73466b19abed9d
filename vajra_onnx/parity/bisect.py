"""bisect: which step of a pipeline diverges first, and by how much. Every prefix of the steps is converted and proved alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import onnx

from ..converters.branches import Branches
from ..converters.chain import Chain
from ..converters.dict_rows import given as given_rows
from ..converters.dict_rows import takes_dicts
from ..converters.networks import is_network
from ..errors import ParityError, UnsupportedError
from ..frames import read, rebuild
from ..runtime.session import Session
from ..schema import Schema
from .cases import Budget
from .certificate import Certificate, OutputReport
from .original import Original, quiet
from .probe import probe
from .prove import prove

Build = Callable[[Any, Any], tuple[onnx.ModelProto, Schema, dict[str, str]]]

ITSELF = "the model itself"
BUDGET = Budget(rows=800, seconds=5.0)


@dataclass(frozen=True)
class Step:
    """One place in the pipeline. path: as in error messages, `steps['prep'].transformers['num']`. certificate: of everything
    up to and with this step, or None where that cannot be converted alone; failure: what went wrong, or empty."""

    path: str
    certificate: Certificate | None
    failure: str

    @property
    def diverges(self) -> bool:
        """Whether the answers up to here differ by more than the tolerance."""
        return self.certificate is not None and not self.certificate.passed

    def line(self) -> str:
        """How close the answers up to here are, in one line."""
        if self.certificate is None:
            return f"not comparable alone: {self.failure}"
        return "; ".join(_closeness(output) for output in self.certificate.outputs)


@dataclass(frozen=True)
class Walk:
    """Every step that was compared, in order. The last diverging one is the closest to the cause."""

    steps: tuple[Step, ...]

    @property
    def first(self) -> Step | None:
        """The first step that diverges, inside column transformers and unions where one of their parts does."""
        return next((step for step in reversed(self.steps) if step.diverges), None)

    def __str__(self) -> str:
        width = max(len(step.path) for step in self.steps)
        lines = [f"{step.path:<{width}}  {step.line()}" for step in self.steps]
        if self.first is None:
            return "\n".join([*lines, "no step diverges"])
        return "\n".join([*lines, f"first divergence: {self.first.path}: {self.first.failure}"])


def bisect(model: Any, data: Any, build: Build, *, seed: int = 0) -> Walk:
    """Walk the steps of a fitted model up to the first whose output diverges.

    data: rows like those that the model was fitted on. build: converts a fitted model with a sample into an unproven graph,
    its schema, and which method each output answers for (`export.build_model`).
    """
    return Walk(tuple(_walk(model, _table(model, data), build, seed, "")))


def _table(model: Any, data: Any) -> Any:
    """Columns and dict rows as the DataFrame that the model's steps take."""
    named = isinstance(data, Mapping) or (isinstance(data, list | tuple) and data and isinstance(data[0], Mapping))
    return rebuild(data, read(data)) if named and not takes_dicts(model) and not is_network(model) else data


def _walk(model: Any, data: Any, build: Build, seed: int, path: str) -> Iterator[Step]:
    for place, prefix, last, given in _prefixes(model, data, path):
        step = _prove(place, prefix, data, build, seed)
        yield step
        if step.diverges:
            for inner, part, part_data in _parts(last, given):
                steps = list(_walk(part, part_data, build, seed, _joined(place, inner)))
                yield from steps
                if any(s.diverges for s in steps):
                    return
            return


def _prove(path: str, model: Any, data: Any, build: Build, seed: int) -> Step:
    try:
        graph, schema, methods = build(model, data)
        columns = probe(Original(model, data, methods), schema.inputs)
        session = Session(graph.SerializeToString())
        proof = prove(model, data, session, methods, columns, graph=graph, seed=seed, budget=BUDGET)
    except (UnsupportedError, ParityError) as error:
        return Step(path, None, str(error))
    return Step(path, proof.certificate, proof.failure())


def _prefixes(model: Any, data: Any, path: str) -> Iterator[tuple[str, Any, Any, Any]]:
    """Place, everything up to it, the step itself, and what that step is given; a model without steps is its own."""
    if isinstance(model, Chain):
        for count, (name, part) in enumerate(model.steps, start=1):
            with quiet():
                given = _dense(model.given(data, count - 1))
            yield _joined(path, f"steps[{name!r}]"), model[:count] if count < len(model) else model, part, given
        return
    if type(model).__name__ != "Pipeline":
        yield path or ITSELF, model, model, data
        return
    given = given_rows(model, data)
    for count, (name, step) in enumerate(model.steps, start=1):
        if step is None or isinstance(step, str):
            continue
        yield _joined(path, f"steps[{name!r}]"), model[:count] if count < len(model.steps) else model, step, given
        if count < len(model.steps):
            with quiet():
                given = _dense(step.transform(given))


def _parts(step: Any, given: Any) -> Iterator[tuple[str, Any, Any]]:
    """The transformers that stand side by side in a step, with the columns that each of them is given."""
    if type(step).__name__ == "ColumnTransformer":
        from sklearn.utils import _safe_indexing

        for name, part, columns in step.transformers_:
            if not isinstance(part, str):
                yield f"transformers[{name!r}]", part, _safe_indexing(given, columns, axis=1)
    elif isinstance(step, Branches):
        for name, part in step.parts.items():
            yield f"parts[{name!r}]", part, given
    elif type(step).__name__ == "FeatureUnion":
        for name, part in step.transformer_list:
            if not isinstance(part, str):
                yield f"transformer_list[{name!r}]", part, given


def _dense(data: Any) -> Any:
    return data.toarray() if hasattr(data, "toarray") else data


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part and part != ITSELF)


def _closeness(output: OutputReport) -> str:
    wrong = output.flips + output.outside
    if wrong:
        return f"{output.name} differs on {wrong:,} of {output.rows:,} rows, by up to {output.max_abs:.2g}"
    if output.bit_identical == output.rows:
        return f"{output.name} bit-identical on {output.rows:,} rows"
    return f"{output.name} within {output.max_rel:.1e} on {output.rows:,} rows"
