"""One case of a sweep: a model of these parameters, fitted on these data, converted with all its outputs and proved.

A case is what a user does: two thirds of the rows are fitted on and converted with, the others were never seen; the graph
has to answer both as the original does. Sweeps are tables of parameters in the `test_*.py` beside this file.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from vajra_onnx.converters import registry
from vajra_onnx.converters.dict_rows import sample_of
from vajra_onnx.export.build import build_model, write_schema
from vajra_onnx.export.outputs import expand
from vajra_onnx.frames import infer, read
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import DEFAULT_OPSET, building
from vajra_onnx.parity.cases import Budget
from vajra_onnx.parity.certificate import Certificate
from vajra_onnx.parity.original import Original, quiet
from vajra_onnx.parity.probe import probe
from vajra_onnx.parity.prove import prove
from vajra_onnx.runtime.session import Session
from vajra_onnx.schema import Schema

# A proof of this size takes a tenth of a second where the model is quick: a table of hundreds stays affordable.
BUDGET = Budget(rows=200, seconds=0.3)


def fitted(model: Any, x: Any, y: Any = None) -> Any:
    """The model, fitted without its warnings about small data."""
    with quiet():
        return model.fit(x) if y is None else model.fit(x, y)


def available(model: Any, sample: Any) -> tuple[str, ...]:
    """Every output that the converter offers and that the original answers."""
    frame = not isinstance(read(sample_of(model, sample)), np.ndarray)
    with building(DEFAULT_OPSET, "exact"):
        _, block = block_of(infer(sample_of(model, sample)), frame=frame, sparse=hasattr(sample, "toarray"))
        return tuple(expand(registry.convert(model, block)))


def prove_case(model: Any, sample: Any, unseen: Any = None, *, budget: Budget = BUDGET, seed: int = 0) -> Certificate:
    """The certificate of a fitted model with all of its outputs. Raises ParityError where the proof fails.

    sample: rows that it was fitted on. unseen: other rows, on which the same graph is proved again.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        proto, schema, methods = build_model(model, sample, list(available(model, sample)))
        schema = Schema(probe(Original(model, sample, methods), schema.inputs), schema.outputs)
        write_schema(proto, schema)
        session = Session(proto.SerializeToString())
        for data in (sample,) if unseen is None else (unseen, sample):
            proof = prove(model, data, session, methods, schema.inputs, graph=proto, budget=budget, seed=seed)
            proof.raise_if_failed()
    return proof.certificate


def sweep(name: str, model: Any, x: Any, y: Any = None, **options: Any) -> Certificate:
    """Fit on the first two thirds of the rows, convert with them, prove, and compare on the rest.

    name: of the case, for the message. x, y: the rows and what is to be learnt from them; options: as in `prove_case`.
    """
    count = len(x) if isinstance(x, list) else x.shape[0]
    known, unseen = np.arange(count) < 2 * count // 3, np.arange(count) >= 2 * count // 3
    sample = _rows(x, known)
    try:
        model = fitted(model, sample, None if y is None else _rows(y, known))
        return prove_case(model, sample, _rows(x, unseen), **options)
    except Exception as error:
        error.add_note(f"case: {name}")
        raise


def _rows(data: Any, chosen: np.ndarray) -> Any:
    if isinstance(data, list):
        return [row for row, taken in zip(data, chosen, strict=True) if taken]
    if hasattr(data, "iloc"):
        return data[chosen].reset_index(drop=True)
    return data.filter(chosen) if hasattr(data, "filter") else data[chosen]
