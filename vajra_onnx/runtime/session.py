"""Session: a loaded model that runs DataFrames, dicts of columns, rows or arrays."""

from __future__ import annotations

import os
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..errors import ArtifactError, InputError
from ..frames import encode, read
from ..schema import METADATA_KEY, Schema
from .onnxruntime import InferenceSession, SessionOptions, errors

REFUSAL = "vajra_onnx.refuse: "


@runtime_checkable
class HoldsModel(Protocol):
    """An Artifact, without importing what made it."""

    @property
    def model(self) -> Any: ...


def load(source: str | os.PathLike[str] | bytes | HoldsModel, *, threads: int = 1) -> Session:
    """A session for a model file, its bytes, or an Artifact that was not saved yet.

    threads: intra-op threads of onnxruntime; 1 is what makes sums of tree ensembles bit-identical at any batch size.
    Raises ArtifactError for a file that is missing, damaged, or not an ONNX model of ours.
    """
    if isinstance(source, bytes):
        data, where = source, "bytes"
    elif isinstance(source, HoldsModel):
        data, where = source.model.SerializeToString(), "artifact"
    else:
        where = os.fspath(source)
        try:
            with open(source, "rb") as file:
                data = file.read()
        except OSError as error:
            raise ArtifactError(f"cannot read the model: {error.strerror}", where=where) from None
    return Session(data, threads=threads, where=where)


class Session:
    """A model ready to run. Thread-safe: `run` may be called from many threads at once."""

    schema: Schema

    def __init__(self, data: bytes, *, threads: int = 1, where: str = "bytes") -> None:
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # errors come as exceptions; a second copy on stderr helps nobody
        try:
            self._session = InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen unrelated types here
            raise ArtifactError(f"not a model that onnxruntime can load: {_first_line(error)}", where=where) from None
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        if METADATA_KEY not in self.metadata:
            raise ArtifactError(
                "the model has no schema",
                expected=f"metadata {METADATA_KEY!r}",
                where=where,
                hint="only models that vajra-onnx converted can be loaded here",
            )
        self.schema = Schema.from_json(self.metadata[METADATA_KEY])
        self._names = [c.name for c in self.schema.outputs]

    def run(self, data: Any, outputs: list[str] | None = None) -> dict[str, np.ndarray]:
        """Answers by output name, one row per input row.

        data: a DataFrame, a dict of columns, a dict row, a list of dict rows, or an array [N, F].
        Raises InputError for data that does not fit the schema or that the original model refuses.
        """
        return self.run_feeds(self.feeds(data), outputs)

    def feeds(self, data: Any) -> dict[str, np.ndarray]:
        """The arrays that the graph is fed, by input name; every check of the schema is done here."""
        raw = read(data)
        inputs = self.schema.inputs
        if isinstance(raw, np.ndarray):
            if self.schema.is_matrix:
                return {inputs[0].name: encode(inputs[0], raw)}
            if raw.shape[1] != len(inputs):
                raise InputError(expected=f"{len(inputs)} columns", got=f"{raw.shape[1]}", where="$")
            raw = {c.name: raw[:, i] for i, c in enumerate(inputs)}
        missing = [c.name for c in inputs if c.name not in raw]
        extra = [name for name in raw if name not in {c.name for c in inputs}]
        if missing or extra:
            what = [f"missing {missing}"] * bool(missing) + [f"unexpected {extra}"] * bool(extra)
            raise InputError("columns differ", expected=f"the columns {[c.name for c in inputs]}", got=", ".join(what))
        return {c.name: encode(c, raw[c.name]) for c in inputs}

    def run_feeds(self, feeds: dict[str, np.ndarray], outputs: list[str] | None = None) -> dict[str, np.ndarray]:
        """Like `run`, for arrays that already are what the graph takes."""
        names = self._names if outputs is None else outputs
        try:
            return dict(zip(names, self._session.run(names, feeds), strict=True))
        except errors.InvalidArgument as error:
            raise refusal(str(error)) from None


def refusal(message: str) -> InputError:
    """The InputError for a check that the graph carries (see graph/refuse.py), or for input the runtime rejects."""
    _, found, rest = message.partition(f"Name:'{REFUSAL}")
    if found:
        return InputError(rest.partition("' Status Message:")[0])
    return InputError(_first_line(message))


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0]
