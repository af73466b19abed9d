"""LegacyFile: a whole model as Keras 2, and Keras 3 on request, write it to HDF5 (`model.save("model.h5")`).

Keras reads it: its weights are named by the order of each layer's variables alone, which only the layers themselves know. A file
with a Lambda is refused, because the marshalled function in it would be run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ArtifactError, UntrustedError
from ..networks import Network, describes

SUFFIXES = (".h5", ".hdf5")


@dataclass(frozen=True)
class LegacyFile:
    """path: the file. model: as Keras has read it."""

    path: Path
    model: Any

    @staticmethod
    def read(path: str | Path) -> LegacyFile:
        """The model of a file. Raises ArtifactError for one that Keras cannot read, UntrustedError for one with code in it."""
        try:
            import h5py

            from .models import load
        except ImportError as error:
            raise ArtifactError(f"a {Path(path).suffix} file is read by Keras: {error}", where=str(path)) from None
        try:
            with h5py.File(path, "r", locking=False) as file:
                config = json.loads(file.attrs["model_config"])
        except (OSError, KeyError, ValueError) as error:
            hint = "save the whole model, not its weights alone"
            raise ArtifactError(f"not a Keras model in HDF5: {error}", where=str(path), hint=hint) from None
        if "Lambda" in _classes(config):
            raise UntrustedError(
                "a Lambda in an HDF5 file is a marshalled function, which is code",
                where=str(path),
                hint="convert the model object, or use keras.ops in a layer of your own",
            )
        return LegacyFile(Path(path), load(Path(path)))


@describes(LegacyFile)
def describe(file: LegacyFile, sample: Any) -> Network:
    """The network of the model in the file."""
    from .models import describe as of_model

    return of_model(file.model, sample)


def _classes(config: Any) -> Iterator[str]:
    """The class names anywhere in a configuration."""
    if isinstance(config, dict):
        if isinstance(config.get("class_name"), str):
            yield config["class_name"].rpartition(">")[2]
        for value in config.values():
            yield from _classes(value)
    elif isinstance(config, list):
        for value in config:
            yield from _classes(value)
