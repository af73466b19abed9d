"""Models from files into a server: each is loaded, proved again by its golden vectors, and only then ready."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from ..errors import ArtifactError, VajraError
from ..runtime.session import load
from .models import Model, Models

log = logging.getLogger(__name__)

FILE = "model.onnx"


def find(source: str, models: Models) -> None:
    """Enter every model of a file or a repository, none of them ready. Raises ArtifactError where there is none."""
    path = Path(source)
    found = [_single(path)] if path.is_file() else [Model(n, v, str(p)) for n, v, p in _repository(path)]
    if not found:
        raise ArtifactError("no model found", expected=f"a .onnx file, or MODEL/VERSION/{FILE}", where=source)
    for model in found:
        models.add(model)


def load_all(models: Models, threads: int = 1) -> None:
    """Load what `find` has found, one after the other. A model that fails is logged and stays unavailable."""
    for model in models.all():
        start = time.perf_counter()
        try:
            session = load(model.path, threads=threads)
        except VajraError as error:
            model.reason = str(error)
            log.error("%s %d is not served: %s", model.name, model.version, error)
        else:
            model.open(session)
            took = 1000 * (time.perf_counter() - start)
            log.info("%s %d loaded in %.0f ms", model.name, model.version, took)


def _single(path: Path) -> Model:
    """A file's name and version: from its folders when they are those of a repository, else from the file's own name."""
    version = path.resolve().parent
    if path.name == FILE and version.name.isdecimal():
        return Model(version.parent.name, int(version.name), str(path))
    return Model(path.stem, 1, str(path))


def _repository(folder: Path) -> list[tuple[str, int, Path]]:
    """Name, version and file of every model of MODEL/VERSION/model.onnx; the folder may be a model's own, too."""
    if any(folder.glob(f"[0-9]*/{FILE}")):
        files = [(folder.resolve().name, file) for file in folder.glob(f"[0-9]*/{FILE}")]
    else:
        files = [(file.parent.parent.name, file) for file in folder.glob(f"*/[0-9]*/{FILE}")]
    return [(name, int(file.parent.name), file) for name, file in files if file.parent.name.isdecimal()]
