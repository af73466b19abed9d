"""One version of a model from its files: loaded, warmed up, proved again by its golden vectors; only then it may serve."""

from __future__ import annotations

import logging
import time

import numpy as np

from .. import dtypes
from ..errors import ArtifactError, VajraError
from ..runtime.golden import replay
from ..runtime.session import Session, read_model
from .files import signature
from .listener import ModelListener
from .models import Model

log = logging.getLogger(__name__)


class ReplayError(ArtifactError):
    """The golden vectors do not come out: the model is not the one that was proved, or this machine computes otherwise."""


def open_model(model: Model, listeners: list[ModelListener]) -> None:
    """Make it ready. Raises VajraError, and leaves it as it was, when anything is wrong with it or its files change meanwhile."""
    start = time.perf_counter()
    before = signature(model.path)
    data = read_model(model.path)
    settings = model.settings
    where, folder = str(model.path), model.path.parent
    session = Session(data, threads=settings.threads, where=where, folder=folder, settings=settings.session, kernels=True)
    warm_up(session)
    try:
        rows = replay(model.path, session)
    except VajraError as error:
        raise ReplayError(str(error)) from error
    if signature(model.path) != before:
        raise ArtifactError("the files changed while they were read", where=str(model.path.parent))
    for listener in listeners:
        listener.add(model, session, data)
    model.open(session)
    took = 1000 * (time.perf_counter() - start)
    log.info("%s %d loaded in %.0f ms, %d golden rows replayed", model.name, model.version, took, rows)


def warm_up(session: Session) -> None:
    """One execution on a row of zeros: onnxruntime allocates at the first. A model may refuse such a row, and that is enough."""
    feeds = {}
    for column in session.schema.inputs:
        shape = (1, *(size or 1 for size in column.shape[1:]))
        kind = dtypes.dtype(column.dtype).numpy
        feeds[column.name] = np.full(shape, "", dtype=object) if column.dtype == "string" else np.zeros(shape, dtype=kind)
    try:
        session.run_feeds(feeds)
    except VajraError as error:
        log.debug("the warm-up row was refused: %s", error)
