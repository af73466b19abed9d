"""Which versions of a model are served: the latest N, all, or those that are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import ServerError


@dataclass(frozen=True)
class Versions:
    """latest: how many of the newest; 0 for no limit. listed: only these; empty for any."""

    latest: int = 0
    listed: tuple[int, ...] = ()

    def candidates(self, present: Iterable[int]) -> list[int]:
        """Newest first. One that cannot be served makes room for the next older one, so these may be more than `latest`."""
        return sorted((v for v in present if not self.listed or v in self.listed), reverse=True)

    def enough(self, ready: int) -> bool:
        """Whether this many served versions leave no room for an older one."""
        return 0 < self.latest <= ready


def versions(value: Any, where: str) -> Versions:
    """From a configuration: "all", "latest", "latest:3", a list of integers, or "1,3" as a flag writes it."""
    if isinstance(value, str):
        word, _, count = value.partition(":")
        if value == "all":
            return Versions()
        if word == "latest" and (not count or _positive(count)):
            return Versions(latest=int(count or 1))
        value = [int(each) for each in value.split(",")] if all(map(_positive, value.split(","))) else value
    if isinstance(value, list) and value and all(isinstance(v, int) and not isinstance(v, bool) and v > 0 for v in value):
        return Versions(listed=tuple(value))
    raise ServerError(expected="'latest', 'latest:N', 'all' or a list of versions", got=repr(value), where=where)


def _positive(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) > 0
