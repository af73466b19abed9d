"""Where models lie: a file, or a model repository, `<repository>/<model>/<integer version>/model.onnx`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import ArtifactError

FILE = "model.onnx"


class Located(NamedTuple):
    """One version of one model."""

    name: str
    version: int
    path: Path


@dataclass(frozen=True)
class Repository:
    """A model file, the folder of one model, or a folder of such folders. Each call looks at the disk anew."""

    path: str | os.PathLike[str]

    def models(self) -> list[Located]:
        """Every version of every model, by name and version. Raises ArtifactError where there is none.

        A file is named after the repository's folders when it lies in some, else after itself, version 1. Folders whose names
        start with a dot, such as those of a version that is being saved, are no models.
        """
        path = Path(self.path)
        if path.is_file():
            return [_single(path)]
        own = _versions(path, path.resolve().name)
        found = own or [model for folder in _folders(path) for model in _versions(folder, folder.name)]
        if not found:
            raise ArtifactError("no model found", expected=f"a .onnx file, or MODEL/VERSION/{FILE}", where=str(path))
        return sorted(found)


def _single(path: Path) -> Located:
    version = path.resolve().parent
    if path.name == FILE and _is_version(version):
        return Located(version.parent.name, int(version.name), path)
    return Located(path.stem, 1, path)


def _versions(folder: Path, name: str) -> list[Located]:
    files = [each / FILE for each in _folders(folder) if _is_version(each)]
    return [Located(name, int(file.parent.name), file) for file in files if file.is_file()]


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")]


def _is_version(folder: Path) -> bool:
    """Triton's rule: a positive integer that does not start with a zero."""
    name = folder.name
    return name.isascii() and name.isdecimal() and not name.startswith("0")
