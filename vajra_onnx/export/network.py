"""The way of a network from the model to a proven artifact: its own inputs and outputs, and a proof for tensors of any rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any

import numpy as np
import onnx

from ..artifact import Artifact
from ..converters.networks import Network
from ..errors import ArtifactError, UnsupportedError
from ..frames.tensors import tensors_of_sample
from ..graph.inputs import variable
from ..graph.model import build
from ..graph.target import building
from ..parity.certificate import METADATA_KEY, Certificate
from ..parity.network import Answer, Pair, narrowed, probe, prove, unproved
from ..parity.proof import Proof
from ..runtime.digest import model_digest
from ..runtime.freed import give_back
from ..runtime.serialize import serialized
from ..runtime.session import Session
from ..schema import Column, Schema
from .build import column_of, notes_on, set_metadata, write_notes, write_schema
from .example import EXAMPLE_KEY, example_tensors
from .outputs import Wanted

# So many bytes of a graph stay in memory while it is proved; a larger one waits in a temporary file.
SMALL = 2**24


def build_network(
    network: Network, outputs: Wanted, mode: str, target_opset: int
) -> tuple[onnx.ModelProto, Schema, dict[str, str]]:
    """The unproven graph, its schema, and the network's own name of each output."""
    with building(target_opset, mode) as target:
        variables = {column.name: variable(column) for column in network.inputs}
        answers = network.emit(variables)
        names = _chosen(list(answers), outputs)
        chosen = {name: answers[own] for name, own in names.items()}
        schema = Schema(network.inputs, tuple(column_of(name, var) for name, var in chosen.items()))
        proto = build(target, variables, chosen)
    write_schema(proto, schema)
    write_notes(proto, target)
    return proto, schema, names


def convert_network(
    network: Network, sample: Any, outputs: Wanted, mode: str, *, target_opset: int, force: bool, seed: int, proved: bool
) -> tuple[Artifact, Proof]:
    """See `export.convert`. Raises UnsupportedError where the original cannot be run and a proof is asked for."""
    if network.answer is None and proved:
        raise UnsupportedError(
            f"no proof without the original: {network.unable}",
            hint="install it where you convert, or convert with prove=False (--no-prove): the certificate says `not proved`",
        )
    proto, schema, names = build_network(network, outputs, mode, target_opset)
    give_back()
    arrays = tensors_of_sample(network.inputs, sample)
    data, notes = serialized(proto), notes_on(proto)
    digest = model_digest(data)
    if proved:
        del proto
        with SpooledTemporaryFile(SMALL) as aside:  # the session has the weights, too
            aside.write(data)
            session = _loaded(data)
            del data
            proof, columns = _prove(network, session, arrays, names, mode, digest, seed, notes)
            del session
            give_back()
            aside.seek(0)
            proto = onnx.ModelProto.FromString(aside.read())
        schema = replace(schema, inputs=columns)
        write_schema(proto, schema)
    else:
        proof = unproved(mode, digest, network.unable or "prove=False", notes)
        schema = replace(schema, inputs=tuple(_as_in_sample(c, arrays[c.name]) for c in schema.inputs))
        write_schema(proto, schema)
    certificate = proof.certificate
    if proved and not certificate.passed:
        if not force:
            proof.raise_if_failed()
        certificate = replace(certificate, notes=(*certificate.notes, "kept although the proof failed (force)"))
    set_metadata(proto, METADATA_KEY, certificate.to_json())
    set_metadata(proto, EXAMPLE_KEY, example_tensors(arrays))
    return Artifact(proto, schema, certificate, proof.golden), proof


def _loaded(data: bytes) -> Session:
    """The session of a graph. Raises UnsupportedError where onnxruntime has an operator not in the types of the model."""
    try:
        return Session(data)
    except ArtifactError as error:
        if "NOT_IMPLEMENTED" not in str(error):
            raise
        missing = str(error).partition("NOT_IMPLEMENTED : ")[2].partition(" - at ")[0]
        raise UnsupportedError("an operator in a type that onnxruntime has not", got=missing, hint="use float32") from None


def validate_network(
    network: Network, session: Session, certificate: Certificate, data: Any, *, seed: int, notes: Sequence[str] = ()
) -> Proof:
    """A new proof of a saved model on other data."""
    if network.answer is None:
        raise UnsupportedError(f"no proof without the original: {network.unable}")
    names = {output.name: output.method for output in certificate.outputs} or {c.name: c.name for c in session.schema.outputs}
    arrays = tensors_of_sample(network.inputs, data)
    return _prove(network, session, arrays, names, certificate.mode, certificate.digest, seed, notes)[0]


def _prove(
    network: Network,
    session: Session,
    arrays: dict[str, Any],
    names: Mapping[str, str],
    mode: str,
    digest: str,
    seed: int,
    notes: Sequence[str],
) -> tuple[Proof, Any]:
    assert network.answer is not None
    give_back()  # what opening the session has freed

    def renamed(ask: Answer) -> Answer:
        def answer(feeds: Mapping[str, Any]) -> dict[str, Any]:
            answers = ask(feeds)
            return {name: answers[own] for name, own in names.items()}

        return answer

    def precise() -> Answer | None:
        ask = network.precise()
        return None if ask is None else renamed(ask)

    moving = any(None in column.shape[1:] for column in session.schema.outputs)
    pair = Pair(renamed(network.answer), session, network.rtol, moving, precise)

    def proved(columns: Sequence[Column]) -> Proof:
        packages = network.packages
        return prove(pair, arrays, columns, list(names), mode=mode, digest=digest, seed=seed, packages=packages, notes=notes)

    columns = probe(pair, arrays, network.inputs, seed=seed)
    while True:  # twice more at most: without NaN, without infinities
        proof = proved(columns)
        fewer = narrowed(columns, proof)
        if fewer == columns:
            return proof, columns
        columns = fewer


def _as_in_sample(column: Column, array: np.ndarray) -> Column:
    """Where nobody can be asked, NaN is allowed as far as the sample has it: a model that overlooks it may be asked with it."""
    return replace(column, nullable=bool(array.dtype.kind == "f" and np.isnan(array).any()))


def _chosen(available: list[str], wanted: Wanted) -> dict[str, str]:
    """Output name -> the network's own: all of them; those of a list; all, some renamed, for a mapping."""
    for name in wanted or ():
        if name not in available:
            raise UnsupportedError("unknown output", expected=" | ".join(available), got=repr(name))
    if wanted is None or isinstance(wanted, Mapping):
        return {(wanted or {}).get(name, name): name for name in available}
    return {name: name for name in wanted}
