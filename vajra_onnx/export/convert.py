"""convert: the whole way from a fitted model to a proven artifact."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ..artifact import Artifact
from ..converters.dict_rows import sample_of
from ..converters.networks import network_of
from ..errors import UnsupportedError
from ..graph.target import DEFAULT_OPSET
from ..parity.certificate import METADATA_KEY
from ..parity.original import Original
from ..parity.probe import probe
from ..parity.prove import Proof
from ..parity.prove import prove as compare
from ..runtime.digest import model_digest
from ..runtime.session import Session
from ..schema import Schema
from .build import build_model, notes_on, set_metadata, write_schema
from .example import EXAMPLE_KEY, example_rows
from .files import load_model
from .network import convert_network
from .outputs import Wanted


def convert(
    model: Any,
    sample: Any,
    outputs: Wanted = None,
    mode: str = "exact",
    *,
    target_opset: int = DEFAULT_OPSET,
    force: bool = False,
    seed: int = 0,
    prove: bool = True,
) -> Artifact:
    """The trained pipeline, preprocessing included, as one ONNX graph that is proved to equal it.

    model: a fitted estimator, pipeline or booster, a Keras model, or the path of a model's file that holds no code (`.keras`,
    `.h5`, a SavedModel, `.skops`, the boosters' own). sample: some of the rows that it was fitted on (DataFrame, dict of columns,
    list of dict rows, array [N, F], or a list, Series or array [N] of texts; for a Keras model an array of any rank, or a dict or
    list of them): the schema and the proof come from it; a few hundred rows are enough. outputs: names of
    methods, or {method: output name}; None for the model's defaults. mode: "exact" computes in the original's dtypes and order;
    "fast" in float32 throughout. target_opset: the ai.onnx version that the graph is built for; one with average pools states 18
    where it means the same there. force: keep an artifact whose proof failed; its certificate says so. seed: of the adversarial
    rows. prove: False converts a network whose original cannot be run here (a `.keras` file without TensorFlow); its certificate
    says "not proved".

    Raises UnsupportedError for what is not converted, and ParityError, with the worst row, when the proof fails.
    """
    return convert_with_proof(model, sample, outputs, mode, target_opset=target_opset, force=force, seed=seed, proved=prove)[0]


def convert_with_proof(
    model: Any, sample: Any, outputs: Wanted, mode: str, *, target_opset: int, force: bool, seed: int, proved: bool = True
) -> tuple[Artifact, Proof]:
    """`convert`, together with the proof that its report is made from."""
    if isinstance(model, str | os.PathLike):
        model = load_model(os.fspath(model))
    network = network_of(model, sample)
    if network is not None:
        return convert_network(network, sample, outputs, mode, target_opset=target_opset, force=force, seed=seed, proved=proved)
    if not proved:
        raise UnsupportedError("prove=False", expected="a network whose original cannot be run", got=type(model).__name__)
    proto, schema, methods = build_model(model, sample, outputs, mode, target_opset)
    schema = Schema(probe(Original(model, sample, methods), schema.inputs), schema.outputs)
    write_schema(proto, schema)
    data = proto.SerializeToString()
    proof = compare(
        model,
        sample,
        Session(data),
        methods,
        schema.inputs,
        graph=proto,
        mode=mode,
        digest=model_digest(data),
        seed=seed,
        notes=notes_on(proto),
    )
    certificate = proof.certificate
    if not certificate.passed:
        if not force:
            proof.raise_if_failed()
        certificate = replace(certificate, notes=(*certificate.notes, "kept although the proof failed (force)"))
    set_metadata(proto, METADATA_KEY, certificate.to_json())
    set_metadata(proto, EXAMPLE_KEY, example_rows(sample_of(model, sample), schema))
    return Artifact(proto, schema, certificate, proof.golden), proof
