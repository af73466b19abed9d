"""Session: a loaded model that runs DataFrames, dicts of columns, rows or arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .. import dtypes
from ..errors import ArtifactError, InputError, OutOfMemoryError, VajraError
from ..frames.text import decoded
from ..schema import METADATA_KEY, Schema
from .blocks import INDEPENDENT, ROWS_KEY, RowBlocks
from .digest import check_digest
from .feeds import Feeder
from .onnxruntime import DEFAULT, Runner, SessionSettings, errors, open_session, runner
from .safety import SIZE_LIMIT, check_model, check_size
from .serialize import serialized

REFUSAL = "vajra_onnx.refuse: "
# What an arena with a limit says, before the number of bytes.
NO_MEMORY = "is smaller than requested bytes of"


@runtime_checkable
class HoldsModel(Protocol):
    """An Artifact, without importing what made it."""

    @property
    def model(self) -> Any: ...


def load(
    source: str | os.PathLike[str] | bytes | HoldsModel,
    *,
    threads: int = 1,
    size_limit: int = SIZE_LIMIT,
    kernels: bool = True,
) -> Session:
    """A session for a model file, its bytes, or an Artifact that was not saved yet.

    threads: how many a large batch may use. A graph that answers each row by itself, as its metadata says, gives the same bits
    at any number: the batch is cut into blocks of rows. Any other graph is given onnxruntime's own intra-op threads.
    size_limit: of the model in bytes. kernels: where vajra-onnx-native is installed, trees run by operators of our own, for the
    same bits in less time; False leaves everything to onnxruntime. Raises ArtifactError for a file that is missing, damaged,
    unsafe, changed after it was certified, or not an ONNX model of ours.
    """
    if isinstance(source, bytes):
        return Session(source, threads=threads, size_limit=size_limit, kernels=kernels)
    if isinstance(source, HoldsModel):
        data = serialized(source.model)
        return Session(data, threads=threads, where="artifact", size_limit=size_limit, kernels=kernels)
    path = Path(source)
    data = read_model(path, size_limit)
    return Session(data, threads=threads, where=str(path), folder=path.parent, size_limit=size_limit, kernels=kernels)


def read_model(path: Path, size_limit: int = SIZE_LIMIT) -> bytes:
    """The bytes of a model file. Raises ArtifactError for one that is missing, unreadable or too large."""
    try:
        check_size(path.stat().st_size, size_limit)
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"cannot read the model: {error.strerror}", where=str(path)) from None


class Session:
    """A model ready to run. Thread-safe: `run` may be called from many threads at once.

    schema: its inputs and outputs. metadata: the texts that the file carries beside the graph. feeds: data -> the arrays that
    the graph is fed, by input name, every check of the schema done; `run` is this and `run_feeds`. rows_independent: whether the
    graph answers each row by itself, as its metadata says.
    """

    schema: Schema
    metadata: dict[str, str]
    feeds: Feeder
    rows_independent: bool

    def __init__(
        self,
        data: bytes,
        *,
        threads: int = 1,
        where: str = "bytes",
        folder: Path | None = None,
        size_limit: int = SIZE_LIMIT,
        settings: SessionSettings = DEFAULT,
        kernels: bool = False,
    ) -> None:
        """data: a serialized ModelProto. where: what messages call it. folder: from which it may read external data. settings:
        onnxruntime's providers and memory. kernels: see `load`."""
        try:
            self.metadata = check_model(data, folder, size_limit).metadata
            check_digest(data, self.metadata)
        except ArtifactError as error:
            raise ArtifactError(str(error), where=where) from None
        if METADATA_KEY not in self.metadata:
            raise ArtifactError(
                "the model has no schema",
                expected=f"metadata {METADATA_KEY!r}",
                where=where,
                hint="only models that vajra-onnx converted can be loaded here",
            )
        try:
            self.schema = Schema.from_json(self.metadata[METADATA_KEY])
            self.rows_independent = self.metadata.get(ROWS_KEY) == INDEPENDENT
            by_rows = threads > 1 and self.rows_independent
            self._session = open_session(data, 1 if by_rows else threads, folder, settings, kernels=kernels)
        except ArtifactError as error:
            raise ArtifactError(str(error), where=where) from None
        except VajraError as error:
            raise ArtifactError(f"the model's schema cannot be read: {error}", where=where) from None
        except Exception as error:
            raise ArtifactError(f"not a model that onnxruntime can load: {_first_line(error)}", where=where) from None
        self._check_names(where)
        run = runner(self._session)
        self._run: Runner = RowBlocks(run, threads) if by_rows else run
        self._options = settings.run_options
        self.feeds = Feeder(self.schema)
        self._names = [c.name for c in self.schema.outputs]
        self._text = {c.name for c in self.schema.outputs if c.dtype == "string"}

    def run(self, data: Any, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Answers by output name, one row per input row; zero rows are answered by empty arrays.

        data: a DataFrame, a dict of columns, a dict row, a list of dict rows or of rows, or an array [N, F]; for a model of one
        column of text also a list, Series or array [N] of texts. outputs: the
        names wanted; all by default. Missing values of text outputs are NaN, None or pandas' NA, as they came in. Raises
        InputError for data that does not fit the schema or that the original model refuses, and for an unknown output.
        """
        feeds = self.feeds(data)
        answers = self.run_feeds(feeds, outputs)
        if self._text:
            for name in self._text & answers.keys():
                answers[name] = decoded(answers[name])
        return answers

    def run_feeds(self, feeds: dict[str, np.ndarray], outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Like `run`, for arrays that already are what the graph takes, and with text as the graph writes it.

        Raises OutOfMemoryError beyond the limit of memory, VajraError where onnxruntime itself fails.
        """
        names = self._names if outputs is None else self._wanted(outputs)
        if not names or 0 in map(len, feeds.values()):
            return self._empty(names)
        try:
            return dict(zip(names, self._run(names, feeds, self._options), strict=True))
        except Exception as error:  # onnxruntime's types have no common base, and a check in a subgraph is not InvalidArgument
            if REFUSAL in str(error) or isinstance(error, errors.InvalidArgument):
                raise refusal(str(error)) from None
            if NO_MEMORY in str(error):
                needs = str(error).partition(NO_MEMORY)[2].split("\n")[0]
                raise OutOfMemoryError(f"the memory limit is reached: {needs.strip()} bytes more are needed") from None
            raise VajraError(f"onnxruntime failed: {_first_line(error)}") from error

    def _wanted(self, outputs: Sequence[str]) -> list[str]:
        if isinstance(outputs, str) or not set(outputs) <= set(self._names):
            raise InputError("unknown output", expected=f"some of {self._names}", got=repr(outputs), where="outputs")
        return list(outputs)

    def _empty(self, names: list[str]) -> dict[str, np.ndarray]:
        """No rows: several operators of onnxruntime do not take any, and the answer is known."""
        columns = {c.name: c for c in self.schema.outputs}
        return {
            name: np.empty((0, *(size or 0 for size in columns[name].shape[1:])), dtypes.dtype(columns[name].dtype).numpy)
            for name in names
        }

    def _check_names(self, where: str) -> None:
        for kind, columns, graph in (
            ("inputs", self.schema.inputs, self._session.get_inputs()),
            ("outputs", self.schema.outputs, self._session.get_outputs()),
        ):
            described, actual = [c.name for c in columns], [node.name for node in graph]
            if set(described) != set(actual):
                raise ArtifactError(
                    f"schema and graph differ in their {kind}", expected=f"{described}", got=f"{actual}", where=where
                )


def refusal(message: str) -> InputError:
    """The InputError for a check that the graph carries (see graph/refuse.py), or for input the runtime rejects."""
    _, found, rest = message.partition(f"Name:'{REFUSAL}")
    if found:
        return InputError(rest.rpartition("' Status Message:")[0])
    return InputError(_first_line(message))


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
