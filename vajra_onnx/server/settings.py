"""How one model is run: session, batches, queue and versions; each value checked where it is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ServerError
from ..runtime.onnxruntime import SessionSettings
from .versions import Versions, versions


def cores() -> int:
    """Of this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """threads: inside one execution. providers: of onnxruntime, the first that fits an operator is taken; `provider_options`
    has their options by name. arena: keep memory between executions. shrink: give the arena's free memory back after each.
    shared_arena: one arena for all models, as the server's memory limit needs it; no key of the file.

    concurrency: executions at once. max_batch_size: rows that are put together from several requests; 1 for none.
    max_delay: milliseconds that a batch waits for more; 0 takes what is ready. queue_limit: requests that may wait for an
    execution. queue_timeout: seconds that they may; 0 for as long as their own deadline lets them. max_rows: of one request; 0
    for as many as a message holds.
    """

    threads: int = 1
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    provider_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    arena: bool = True
    shrink: bool = False
    shared_arena: bool = False
    concurrency: int = cores()
    max_batch_size: int = 64
    max_delay: float = 0.0
    queue_limit: int = 1000
    queue_timeout: float = 0.0
    max_rows: int = 0
    versions: Versions = field(default_factory=lambda: Versions(latest=1))

    @property
    def session(self) -> SessionSettings:
        """The part that onnxruntime is told."""
        providers = [(name, self.provider_options.get(name, {})) for name in self.providers]
        return SessionSettings(providers, self.arena, self.shrink, self.shared_arena)


def changed(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    """The settings with these values. Raises ServerError for an unknown key or a value that is none of its kind, with `where`."""
    for key, value in values.items():
        if key not in _READ:
            known = " | ".join(_READ)
            raise ServerError("unknown setting", expected=known, got=repr(key), where=where)
        settings = replace(settings, **{key: _READ[key](value, f"{where}.{key}")})
    return settings


def _number(kind: type, least: float, text: str) -> Callable[[Any, str], Any]:
    def read(value: Any, where: str) -> Any:
        fits = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool) and least <= value < 2**31
        if not fits:
            raise ServerError(expected=text, got=repr(value), where=where)
        return kind(value)

    return read


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ServerError(expected="true or false", got=repr(value), where=where)
    return value


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(each, str) for each in value):
        raise ServerError(expected="a list of names", got=repr(value), where=where)
    return tuple(value)


def _options(value: Any, where: str) -> dict[str, dict[str, str]]:
    if not isinstance(value, Mapping) or not all(isinstance(each, Mapping) for each in value.values()):
        raise ServerError(expected="a table of options for each provider", got=repr(value), where=where)
    return {name: {key: str(each) for key, each in options.items()} for name, options in value.items()}


_POSITIVE, _COUNT = _number(int, 1, "a positive integer"), _number(int, 0, "an integer, 0 or more")
_DURATION = _number(float, 0, "a number, 0 or more")
_READ: dict[str, Callable[[Any, str], Any]] = {
    "threads": _POSITIVE,
    "providers": _names,
    "provider_options": _options,
    "arena": _flag,
    "shrink": _flag,
    "concurrency": _POSITIVE,
    "max_batch_size": _POSITIVE,
    "max_delay": _DURATION,
    "queue_limit": _COUNT,
    "queue_timeout": _DURATION,
    "max_rows": _COUNT,
    "versions": versions,
}
KEYS = tuple(_READ)
