"""The manager keeps the models of a server in step with its repository: which versions to load, which to let go, and when.

A version is loaded beside those that serve. When it is ready the next request finds it, and the old one goes with its last
request. One that cannot be loaded, or that fails its golden vectors, never serves: its place stays with those that are ready.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import ArtifactError, VajraError
from ..runtime.repository import Repository
from .config import Config
from .files import Signature, signature
from .listener import ModelListener
from .loading import ReplayError, open_model
from .memory import give_back_after
from .models import Model, Models
from .status import Code, RefusedError

log = logging.getLogger(__name__)


def _ignored(name: str) -> None:
    """Nobody wants to hear of changes."""


class Manager:
    """Loads and unloads the models of `source`. changed: called with the name of a model whose versions have changed."""

    def __init__(
        self,
        source: str | os.PathLike[str],
        models: Models,
        config: Config,
        changed: Callable[[str], None] = _ignored,
        listeners: Sequence[ModelListener] = (),
    ) -> None:
        self._repository, self._models, self._config = Repository(source), models, config
        self._changed, self._listeners = changed, list(listeners)
        self._lock = threading.Lock()  # one change at a time
        self._seen: dict[tuple[str, int], Signature] = {}  # at the last look
        self._tried: dict[tuple[str, int], Signature] = {}  # what was loaded, or could not be
        self._unloaded: set[str] = set()  # by request

    def find(self) -> None:
        """Enter the models that are to be served, none of them ready. Raises ArtifactError where there is none."""
        for name, paths in self._present().items():
            policy = self._config.of(name).versions
            for version in policy.candidates(paths)[: policy.latest or None]:
                self._models.add(self._model(name, version, paths[version]))

    def load_all(self) -> None:
        """Load the models one after the other. One that fails is logged and stays unavailable."""
        with self._lock:
            present = self._present()
            for name in sorted(self._config.models.keys() - present.keys()):
                log.warning("the configuration has a table for %r, the repository has no such model", name)
            for name, paths in present.items():
                self._sync(name, paths)

    def look(self) -> None:
        """Follow the repository, as it is now. Files have to be unchanged since the last look: somebody may be copying them."""
        with self._lock:
            try:
                present = self._present()
            except ArtifactError as error:
                log.warning("the repository cannot be read, everything stays as it is: %s", error)
                return
            for name in sorted((present.keys() | self._models.by_name.keys()) - self._unloaded):
                self._sync(name, present.get(name, {}), patient=True)

    def load(self, name: str) -> None:
        """Load a model by request, one that has failed before again. Raises RefusedError: NOT_FOUND, or FAILED_PRECONDITION when
        a version cannot be served."""
        with self._lock:
            present = self._present()
            if name not in present:
                raise RefusedError(Code.NOT_FOUND, f"unknown model {name!r}", expected=" | ".join(present))
            self._unloaded.discard(name)
            for version, model in self._models.of(name).items():
                if model.reason:
                    self._tried.pop((name, version), None)
            self._sync(name, present[name])
            newest = max(self._models.of(name).values(), key=lambda m: m.version, default=None)
            if newest is None or newest.reason:
                why = "none of its versions is to be served" if newest is None else f"version {newest.version}: {newest.reason}"
                raise RefusedError(Code.FAILED_PRECONDITION, f"model {name!r} cannot be loaded: {why}")

    def unload(self, name: str) -> None:
        """Let go of a model by request. Raises RefusedError: NOT_FOUND."""
        with self._lock:
            if name not in self._models.by_name:
                raise RefusedError(Code.NOT_FOUND, f"unknown model {name!r}", expected=" | ".join(self._models.by_name))
            self._unloaded.add(name)
            for version, model in self._models.of(name).items():
                self._tried.pop((name, version), None)
                self._close(model, "unloaded by request")
            self._changed(name)

    def _present(self) -> dict[str, dict[int, Path]]:
        present: dict[str, dict[int, Path]] = {}
        for name, version, path in self._repository.models():
            present.setdefault(name, {})[version] = path
        return present

    def _sync(self, name: str, paths: Mapping[int, Path], *, patient: bool = False) -> None:
        """Newest first: load what is new, until there are enough; then let go of the others."""
        policy = self._config.of(name).versions
        served, wanted = 0, set()
        for version in policy.candidates(paths):
            if policy.enough(served):
                break
            wanted.add(version)
            served += self._current(name, version, paths[version], patient).serving is not None
        for version, model in self._models.of(name).items():
            if version not in wanted:
                self._close(model, "replaced")
                self._models.remove(model)
                self._tried.pop((name, version), None)
        self._changed(name)

    def _current(self, name: str, version: int, path: Path, patient: bool) -> Model:
        """The version as it is to be: loaded anew where its files are new and nobody is writing them, else as it is."""
        key, now = (name, version), signature(path)
        still = not patient or self._seen.get(key) == now
        self._seen[key] = now
        old = self._models.of(name).get(version)
        if old is None:
            old = self._model(name, version, path)
            self._models.add(old)
        if not still or self._tried.get(key) == now:
            return old
        self._tried[key] = now
        return self._replaced(old) if old.serving is not None else self._opened(old)

    def _opened(self, model: Model) -> Model:
        reason = self._try(model)
        if reason:
            model.reason = reason
        return model

    def _replaced(self, old: Model) -> Model:
        """The same version from new files; the old ones go on serving when these cannot."""
        new = self._model(old.name, old.version, old.path)
        new.counts = old.counts
        reason = self._try(new)
        if reason:
            old.reason = f"its new files are not served: {reason}"
            return old
        self._models.add(new)
        self._close(old, "replaced")
        return new

    def _try(self, model: Model) -> str:
        """Open it; what went wrong, or nothing."""
        try:
            open_model(model, self._listeners)
        except Exception as error:  # whatever a damaged file makes a library raise, the others go on serving
            self._models.loads[model.name, "replay failed" if isinstance(error, ReplayError) else "failed"] += 1
            log.error("%s %d is not served: %s", model.name, model.version, error, exc_info=not isinstance(error, VajraError))
            return str(error) or type(error).__name__
        self._models.loads[model.name, "loaded"] += 1
        return ""

    def _close(self, model: Model, reason: str) -> None:
        session = model.session
        model.close(reason)
        if session is None:
            return
        for listener in self._listeners:
            listener.remove(model)
        give_back_after(session)
        log.info("%s %d goes: %s", model.name, model.version, reason)

    def _model(self, name: str, version: int, path: Path) -> Model:
        return Model(name, version, path, self._config.of(name))
