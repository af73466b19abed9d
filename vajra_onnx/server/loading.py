"""Models from files into a server: each is loaded, proved again by its golden vectors, and only then ready."""

from __future__ import annotations

import logging
import time

from ..errors import VajraError
from ..runtime.golden import replay
from ..runtime.repository import Repository
from ..runtime.session import load
from .models import Model, Models

log = logging.getLogger(__name__)


def find(source: str, models: Models) -> None:
    """Enter every model of a file or a repository, none of them ready. Raises ArtifactError where there is none."""
    for name, version, path in Repository(source).models():
        models.add(Model(name, version, path))


def load_all(models: Models, threads: int = 1) -> None:
    """Load what `find` has found, one after the other. A model that fails is logged and stays unavailable."""
    for model in models.all():
        start = time.perf_counter()
        try:
            session = load(model.path, threads=threads)
            rows = replay(model.path, session)
        except VajraError as error:
            model.reason = str(error)
            log.error("%s %d is not served: %s", model.name, model.version, error)
        else:
            model.open(session)
            took = 1000 * (time.perf_counter() - start)
            log.info("%s %d loaded in %.0f ms, %d golden rows replayed", model.name, model.version, took, rows)
