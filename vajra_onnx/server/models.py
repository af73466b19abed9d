"""The models that a server holds: by name and version, with their states and counts."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..runtime.session import Session
from .feeds import Checker
from .status import Code, RefusedError


@dataclass
class Counts:
    """What a model has done since it was loaded: requests answered, rows, seconds, and failures by status code."""

    answered: int = 0
    rows: int = 0
    seconds: float = 0.0
    last: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    failed_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def success(self, rows: int, seconds: float) -> None:
        """One request answered."""
        with self._lock:
            self.answered += 1
            self.rows += rows
            self.seconds += seconds
            self.last = time.time()

    def failure(self, code: Code, seconds: float) -> None:
        """One request refused or failed."""
        with self._lock:
            self.failures[code.name] += 1
            self.failed_seconds += seconds

    def failed(self) -> dict[str, int]:
        """Failures by status code, at one moment."""
        with self._lock:
            return dict(self.failures)


@dataclass
class Model:
    """One version of a model. session: set when it is ready. reason: why it never will be."""

    name: str
    version: int
    path: Path
    session: Session | None = None
    reason: str = ""
    counts: Counts = field(default_factory=Counts)

    def open(self, session: Session) -> None:
        """Make it ready."""
        self.check = Checker(session.schema)
        self.session = session

    @property
    def state(self) -> str:
        """The word of the repository index: READY, LOADING or UNAVAILABLE."""
        if self.session is not None:
            return "READY"
        return "UNAVAILABLE" if self.reason else "LOADING"


@dataclass
class Models:
    """All models. It is filled before the first of them is loaded, so a name that is not here does not exist."""

    by_name: dict[str, dict[int, Model]] = field(default_factory=dict)

    def add(self, model: Model) -> None:
        """Add a version that is not ready yet."""
        self.by_name.setdefault(model.name, {})[model.version] = model

    def all(self) -> list[Model]:
        """Every version of every model, in order."""
        return [self.by_name[name][version] for name in sorted(self.by_name) for version in sorted(self.by_name[name])]

    def find(self, name: str, version: str) -> tuple[Model, Session]:
        """The version asked for, or the latest that is ready for "". Raises RefusedError: NOT_FOUND, or UNAVAILABLE before it is
        ready."""
        versions = self.by_name.get(name)
        if versions is None:
            raise RefusedError(Code.NOT_FOUND, f"unknown model {name!r}", expected=_listed(sorted(self.by_name)))
        if version:
            model = versions.get(int(version)) if version.isdecimal() else None
            if model is None:
                known = _listed(map(str, sorted(versions)))
                raise RefusedError(Code.NOT_FOUND, f"unknown version {version!r} of model {name!r}", expected=known)
        else:
            model = max(versions.values(), key=lambda m: (m.session is not None, m.version))
        if model.session is None:
            reason = model.reason or "it is being loaded"
            raise RefusedError(Code.UNAVAILABLE, f"model {name!r} version {model.version} is not ready: {reason}")
        return model, model.session

    def ready(self, name: str, version: str = "") -> bool:
        """Whether the model would answer; False for one that does not exist, as Triton says."""
        try:
            self.find(name, version)
        except RefusedError:
            return False
        return True


def _listed(names: Iterable[str]) -> str:
    return " | ".join(names) or "no models"
