"""The models that a server holds: by name and version, with their states and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..runtime.session import Session
from .counts import Counts
from .feeds import Checker
from .scheduler import Scheduler
from .settings import Settings
from .status import Code, RefusedError


@dataclass(frozen=True)
class Serving:
    """What a version that is ready needs to answer. A request holds it to its end, so a version that goes finishes its own."""

    session: Session
    check: Checker
    scheduler: Scheduler


@dataclass(eq=False)
class Model:
    """One version of a model. serving: set while it is ready. reason: why it is not, or why its newer files are not."""

    name: str
    version: int
    path: Path
    settings: Settings = field(default_factory=Settings)
    serving: Serving | None = None
    reason: str = ""
    counts: Counts = field(default_factory=Counts)

    def open(self, session: Session) -> None:
        """Make it ready."""
        scheduler = Scheduler(
            lambda feeds, wanted: session.run_feeds(feeds, wanted),  # looked up at each call
            self.settings,
            self.counts,
            together=session.rows_independent,
        )
        self.reason = ""
        self.serving = Serving(session, Checker(session.schema), scheduler)

    def close(self, reason: str) -> None:
        """Take no new requests; the session goes with the last request that holds it."""
        self.reason, self.serving = reason, None

    @property
    def session(self) -> Session | None:
        """Of a version that is ready."""
        serving = self.serving
        return serving.session if serving is not None else None

    @property
    def waiting(self) -> int:
        """Requests in its queues."""
        serving = self.serving
        return self.counts.waiting + (serving.scheduler.waiting if serving is not None else 0)

    @property
    def state(self) -> str:
        """The word of the repository index: READY, LOADING or UNAVAILABLE."""
        if self.serving is not None:
            return "READY"
        return "UNAVAILABLE" if self.reason else "LOADING"


class Models:
    """All models, those that are not ready too: a name that is not here does not exist.

    Readers take no lock: `by_name` is never changed, only replaced. One thread at a time changes it.
    """

    def __init__(self) -> None:
        self.by_name: Mapping[str, Mapping[int, Model]] = {}
        self.loads: Counter[tuple[str, str]] = Counter()  # by model's name and "loaded", "failed" or "replay failed"

    def add(self, model: Model) -> None:
        """Add a version, or take the place of the one with its number at once."""
        versions = {**self.by_name.get(model.name, {}), model.version: model}
        self.by_name = {**self.by_name, model.name: versions}

    def remove(self, model: Model) -> None:
        """Forget a version, and a name without versions."""
        versions = {v: m for v, m in self.by_name[model.name].items() if m is not model}
        others = {name: v for name, v in self.by_name.items() if name != model.name}
        self.by_name = {**others, model.name: versions} if versions else others

    def of(self, name: str) -> Mapping[int, Model]:
        """The versions of a model; none for a name that does not exist."""
        return self.by_name.get(name, {})

    def all(self) -> list[Model]:
        """Every version of every model, in order."""
        return [versions[version] for _, versions in sorted(self.by_name.items()) for version in sorted(versions)]

    def serving(self, name: str, version: str) -> tuple[Model, Serving]:
        """The version asked for, or the latest that is ready for "". Raises RefusedError: NOT_FOUND, or UNAVAILABLE while it is
        not ready."""
        by_name = self.by_name
        versions = by_name.get(name)
        if versions is None:
            raise RefusedError(Code.NOT_FOUND, f"unknown model {name!r}", expected=_listed(sorted(by_name)))
        if version:
            asked = versions.get(int(version)) if version.isdecimal() else None
            if asked is None:
                known = _listed(map(str, sorted(versions)))
                raise RefusedError(Code.NOT_FOUND, f"unknown version {version!r} of model {name!r}", expected=known)
            candidates = [asked]
        else:
            candidates = list(versions.values())
            if len(candidates) > 1:
                candidates.sort(key=lambda m: m.version, reverse=True)
        for model in candidates:
            # Read once: another thread may close it, and then an older version may have been opened.
            serving = model.serving
            if serving is not None:
                return model, serving
        reason = candidates[0].reason or "it is being loaded"
        raise RefusedError(Code.UNAVAILABLE, f"model {name!r} version {candidates[0].version} is not ready: {reason}")

    def find(self, name: str, version: str) -> tuple[Model, Session]:
        """As `serving`, for those who only want to know about the model."""
        model, serving = self.serving(name, version)
        return model, serving.session

    def ready(self, name: str, version: str = "") -> bool:
        """Whether the model would answer; False for one that does not exist, as Triton says."""
        try:
            self.serving(name, version)
        except RefusedError:
            return False
        return True


def _listed(names: Iterable[str]) -> str:
    return " | ".join(names) or "no models"
