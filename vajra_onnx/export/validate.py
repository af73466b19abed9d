"""validate: prove a finished model again, against the original, on other data."""

from __future__ import annotations

import os
from typing import Any

import onnx

from ..converters.networks import network_of
from ..errors import ArtifactError
from ..parity.bisect import bisect
from ..parity.certificate import METADATA_KEY, Certificate
from ..parity.prove import Proof, prove
from ..runtime.session import load
from .build import build_model, notes_on
from .network import validate_network


def validate(path: str | os.PathLike[str], model: Any, data: Any, *, seed: int = 0) -> Proof:
    """A new proof of a saved model against the original, on `data` and on adversarial rows made from it.

    Raises ArtifactError for a model without a certificate: it does not say which method each output answers for.
    """
    session = load(path)
    text = session.metadata.get(METADATA_KEY)
    if text is None:
        raise ArtifactError("the model has no certificate", expected=f"metadata {METADATA_KEY!r}", where=os.fspath(path))
    certificate = Certificate.from_json(text)
    graph, network = onnx.load(path), network_of(model, data)
    if network is not None:
        return validate_network(network, session, certificate, data, seed=seed, notes=notes_on(graph))
    return prove(
        model,
        data,
        session,
        {output.name: output.method for output in certificate.outputs},
        session.schema.inputs,
        graph=graph,
        mode=certificate.mode,
        digest=certificate.digest,
        seed=seed,
        notes=notes_on(graph),
    )


def first_divergence(model: Any, data: Any) -> str:
    """The first step of the pipeline whose converted output differs from the original's, and by how much."""
    return str(bisect(model, data, build_model))
