"""What the tests of the proof share: prove a model against the graph of the same or of another model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vajra_onnx.export import build_model
from vajra_onnx.parity.cases import Budget
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.probe import probe
from vajra_onnx.parity.proof import Proof
from vajra_onnx.parity.prove import prove
from vajra_onnx.runtime.session import Session


@pytest.fixture
def proof_of() -> Callable[..., Proof]:
    """`proof_of(model, sample, planted=other)` proves the graph of `other` against `model`."""

    def run(model: Any, sample: Any, planted: Any = None, outputs: Any = None, mode: str = "exact", **options: Any) -> Proof:
        graph, schema, methods = build_model(model if planted is None else planted, sample, outputs, mode)
        columns = probe(Original(model, sample, methods), schema.inputs)
        session = Session(graph.SerializeToString())
        options = {"budget": Budget(rows=1000)} | options
        return prove(model, sample, session, methods, columns, graph=graph, mode=mode, **options)

    return run
