"""Artifact: model, schema, certificate and golden vectors together; saved, and verified where it is loaded.

A file `x.onnx` carries schema and certificate in its metadata and has its golden vectors beside it. Saved to a directory, the
same becomes `<directory>/<version>/model.onnx` and `test_data_set_0/`, so that the directory's parent is a model repository
for Triton, KServe and `vajra-onnx serve`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .errors import ArtifactError
from .runtime import golden as vectors
from .runtime.repository import FILE
from .runtime.serialize import serialized

if TYPE_CHECKING:
    import numpy as np
    import onnx

    from .parity.certificate import Certificate
    from .runtime.session import Session
    from .schema import Schema


class Golden(Protocol):
    """inputs: the arrays that the graph is fed, by name. outputs: the original's answers. Both empty where there are none."""

    @property
    def inputs(self) -> Mapping[str, np.ndarray]: ...

    @property
    def outputs(self) -> Mapping[str, np.ndarray]: ...


@dataclass(frozen=True)
class Artifact:
    """What `convert` makes: a proven model. schema and certificate are in the model's metadata, too."""

    model: onnx.ModelProto
    schema: Schema
    certificate: Certificate
    golden: Golden

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model and its golden vectors; answer the model file's path.

        path: a file that ends in `.onnx`, replaced where it exists, or a directory, in which the next free version is made:
        `artifact.save("models/penguins")` writes `models/penguins/1/model.onnx`. Nothing is ever seen half written: files are
        complete on disk before they get their names. Raises ArtifactError where the disk does not take them.
        """
        target = Path(path)
        try:
            return self._save_file(target) if target.suffix == ".onnx" else self._save_version(target)
        except OSError as error:
            raise ArtifactError(f"cannot save the model: {error.strerror or error}", where=str(target)) from None

    def _save_file(self, target: Path) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        golden = vectors.folder_of(target)
        with _staged(target.parent) as stage:
            self._write(stage, target.name)
            # Old vectors leave first: a model without vectors is whole, one with another model's is not.
            if golden.exists():
                os.rename(golden, stage / "replaced")
            os.replace(stage / target.name, target)
            if (stage / golden.name).exists():
                os.rename(stage / golden.name, golden)
        _sync(target.parent)
        return target

    def _save_version(self, target: Path) -> Path:
        target.mkdir(parents=True, exist_ok=True)
        with _staged(target) as stage:
            complete = stage / "version"
            complete.mkdir()
            self._write(complete, FILE)
            version = _next_version(target)
            while True:
                try:
                    os.rename(complete, target / str(version))
                    break
                except OSError:
                    if not (target / str(version)).exists():
                        raise
                    version += 1  # another process was quicker
        _sync(target)
        return target / str(version) / FILE

    def _write(self, folder: Path, name: str) -> None:
        _write_file(folder / name, serialized(self.model))
        if self.golden.inputs and self.golden.outputs:
            golden = vectors.folder_of(folder / name)
            golden.mkdir()
            inputs = {c.name: self.golden.inputs[c.name] for c in self.schema.inputs}
            outputs = {c.name: self.golden.outputs[c.name] for c in self.schema.outputs if c.name in self.golden.outputs}
            for file, content in vectors.to_files(inputs, outputs).items():
                _write_file(golden / file, content)
            _sync(golden)
        _sync(folder)


def verify(path: str | os.PathLike[str], session: Session | None = None) -> int:
    """Prove a saved model once more, here: its certificate names it, and its golden vectors come out.

    session: one that was loaded from `path` already. Answers the number of golden rows replayed, 0 where there are none.
    Raises ArtifactError with the first difference.
    """
    if session is None:
        from .runtime.session import load

        session = load(path)
    return vectors.replay(Path(path), session)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A hidden folder on the same file system, removed in the end, in which files are completed before they are renamed."""
    stage = Path(tempfile.mkdtemp(prefix=".saving-", dir=folder))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _next_version(folder: Path) -> int:
    taken = [int(each.name) for each in folder.iterdir() if each.name.isascii() and each.name.isdecimal()]
    return max(taken, default=0) + 1


def _write_file(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make renames durable; Windows has no such call for folders."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
