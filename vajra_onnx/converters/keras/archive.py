"""The `.keras` file as plain data, without Keras and without TensorFlow: a zip of config.json, model.weights.h5 and assets/.

Nothing in it is ever run: marshalled Python functions stay text. Weights are found by the path that Keras gives them (the layer's
class in snake case, counted within its model), and the name that the file stores beside them has to be the layer's own. They may
be most of the memory there is, and are read one by one, when a layer asks for them.
Source: `keras.src.saving.saving_lib`.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import weakref
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ArtifactError

CONFIG, WEIGHTS, ASSETS = "config.json", "model.weights.h5", "assets/"
# Classes that Keras exports by another name: the config has the exported one, paths of weights have their own.
OWN_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}


class Unpacked:
    """An HDF5 file that stays open as long as somebody holds this. folder: removed after it, where there is one."""

    def __init__(self, path: Path, folder: Path | None) -> None:
        try:
            import h5py
        except ImportError as error:
            raise ArtifactError(f"a .keras file is read with h5py: {error}", where=str(path), hint="pip install h5py") from None
        self.content = h5py.File(path, "r", locking=False)
        weakref.finalize(self, _close, self.content, folder)


def _close(content: Any, folder: Path | None) -> None:
    content.close()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Weight:
    """One array of a file, which is read when it is asked for. bfloat16: it is stored as two bytes each."""

    file: Unpacked
    path: str
    bfloat16: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, without reading it."""
        shape: tuple[int, ...] = self.file.content[self.path].shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type in the file, without reading it."""
        dtype: np.dtype[Any] = self.file.content[self.path].dtype
        return dtype

    def read(self) -> np.ndarray:
        """The array; numbers of bfloat16 as float32. Raises ArtifactError where the file is damaged."""
        try:
            raw = np.asarray(self.file.content[self.path][()])
        except (OSError, KeyError) as error:
            raise ArtifactError(f"a weight cannot be read: {error}", where=self.path) from None
        return (raw.view(np.uint16).astype(np.uint32) << 16).view(np.float32) if self.bfloat16 else raw


@dataclass(frozen=True)
class Held:
    """An array that is in memory already, as the weight of a layer."""

    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type."""
        return self.array.dtype

    def read(self) -> np.ndarray:
        """A copy of it, as every read makes one."""
        return self.array.copy()


@dataclass(frozen=True)
class Store:
    """What one layer owns, and the layers inside of it. weights: by path, `vars/0` or `cell/vars/1`. names: by path of a group of
    variables, the name of the layer that wrote it. assets: files by path, `vocabulary.txt`."""

    weights: Mapping[str, Weight | Held]
    names: Mapping[str, str]
    assets: Mapping[str, bytes]

    def below(self, path: str) -> Store:
        """What lies below a path, by the rest of it."""
        return Store(*(_below(table, f"{path}/") for table in (self.weights, self.names, self.assets)))

    @property
    def name(self) -> str | None:
        """The name of the layer itself, where the file tells."""
        return self.names.get("vars")


@dataclass(frozen=True)
class Archive:
    """config: the tree of `config.json`. store: all weights and assets."""

    config: Mapping[str, Any]
    store: Store


def read_archive(path: str | Path, *, temporary: Path | None = None) -> Archive:
    """The content of a `.keras` file, or of the folder that Keras writes with `zipped=False`. Raises ArtifactError for what is
    damaged or is neither.

    temporary: a folder around it that is removed when nobody holds the archive any more. A file is unpacked into one first: HDF5
    jumps back and forth, and inside of a zip every jump back reads it again from its beginning.
    """
    root = Path(path)
    try:
        if not root.is_dir():
            root = temporary = Path(tempfile.mkdtemp(prefix="vajra-"))
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name in (CONFIG, WEIGHTS) or name.startswith(ASSETS):
                        archive.extract(name, root)
        config = json.loads((root / CONFIG).read_bytes())
        if not isinstance(config, dict) or "class_name" not in config:
            raise ArtifactError("not a .keras file", expected=f"a model in {CONFIG}", where=str(path))
        files = [file for file in (root / ASSETS).rglob("*") if file.is_file()]
        assets = {file.relative_to(root / ASSETS).as_posix(): file.read_bytes() for file in files}
        return Archive(config, Store(*_weights(Unpacked(root / WEIGHTS, temporary)), assets))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, ArtifactError) as error:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"not a .keras file: {type(error).__name__}: {error}", where=str(path)) from None


def container_paths(layers: list[Mapping[str, Any]], folder: str = "layers") -> Iterator[str]:
    """The path of each layer of a model: `layers/dense`, `layers/dense_1`, ..., counted by class; operations have none."""
    seen: Counter[str] = Counter()
    for layer in layers:
        if is_operation(layer):
            yield ""
            continue
        word = _snake_case(OWN_NAMES.get(layer["class_name"], layer["class_name"]))
        yield f"{folder}/{word}_{seen[word]}" if seen[word] else f"{folder}/{word}"
        seen[word] += 1


def is_operation(config: Mapping[str, Any]) -> bool:
    """Whether this is a function of keras.ops in a functional graph, which is no layer."""
    return str(config.get("module")).startswith("keras.src.ops")


def _weights(file: Unpacked) -> tuple[dict[str, Weight], dict[str, str]]:
    import h5py

    weights: dict[str, Weight] = {}
    names: dict[str, str] = {}

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            weights[path] = Weight(file, path, item.attrs.get("dtype") == "bfloat16")
        elif "name" in item.attrs:
            names[path] = str(item.attrs["name"])

    file.content.visititems(visit)
    return weights, names


def _below(table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {path.removeprefix(prefix): value for path, value in table.items() if path.startswith(prefix)}


def _snake_case(name: str) -> str:
    """As `keras.src.utils.naming.to_snake_case`."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
