"""Bearer tokens: a file that says, line by line, the hash of a token and what its bearer may do.

    # name   hash of the token      scopes
    reports  sha256:2cf24dba5f...   model:penguins model:credit-*
    deploys  sha256:486ea46224...   model:* admin

`model:PATTERN` (`*` and `?` as in a shell) allows asking those models; `admin` allows to load and unload the models that the
patterns name. The file holds SHA-256, not scrypt: a slow hash protects passwords, which can be guessed; these tokens are 256
random bits, which cannot be, and a slow hash would be computed for every request: 50 ms beside a model of 10 us.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from .watched import Watched

PREFIX = "vajra_"
ADMIN = "admin"
_LINE = re.compile(r"(?P<name>\S+)\s+sha256:(?P<digest>[0-9a-f]{64})(?P<scopes>(\s+(admin|model:\S+))+)")


@dataclass(frozen=True)
class Grant:
    """What a bearer may do. models: patterns of names. admin: whether it may load and unload them."""

    name: str
    models: tuple[str, ...]
    admin: bool

    def covers(self, model: str) -> bool:
        """Whether the bearer may ask this model."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)


@dataclass(frozen=True)
class _Entry:
    digest: bytes
    grant: Grant


class Tokens:
    """The tokens of a file, which is read again when it changes. Raises ServerError for one that is missing or unclear."""

    def __init__(self, path: str | Path) -> None:
        self._entries = Watched([path], lambda contents: _entries(contents[0]))

    def look(self) -> int:
        """Look at the file now; how many times it has changed."""
        return self._entries.look()

    @property
    def changes(self) -> int:
        """How many times the file has changed, as far as is known."""
        return self._entries.changes

    def grant(self, token: str) -> Grant | None:
        """What this token allows, or None for one that nobody was given.

        Every entry is compared, each in constant time: how long it takes tells nothing about the hashes.
        """
        digest = hashlib.sha256(token.encode()).digest()
        found = None
        for entry in self._entries.get():
            if hmac.compare_digest(entry.digest, digest):
                found = entry.grant
        return found


def new_token() -> str:
    """256 bits from the system's random source; the prefix lets scanners for leaked secrets find it."""
    return PREFIX + secrets.token_urlsafe(32)


def line(name: str, token: str, scopes: list[str]) -> str:
    """The line of the tokens file for this token. Raises ValueError for a name or a scope that a line cannot hold."""
    text = f"{name} sha256:{hashlib.sha256(token.encode()).hexdigest()} {' '.join(scopes)}"
    _entries(text.encode())
    return text


def _entries(content: bytes) -> list[_Entry]:
    entries = [_entry(text.strip(), number) for number, text in enumerate(content.decode("utf-8").splitlines(), 1) if _says(text)]
    if not entries:
        raise ValueError("expected at least one token, got none (hint: vajra-onnx token NAME prints a line)")
    for field, values in {"name": [e.grant.name for e in entries], "hash": [e.digest.hex() for e in entries]}.items():
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ValueError(f"a {field} comes twice: {twice}")
    return entries


def _says(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().startswith("#")


def _entry(text: str, number: int) -> _Entry:
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(f"line {number}: expected NAME sha256:64-HEX-DIGITS SCOPE..., each scope admin or model:PATTERN")
    scopes = match["scopes"].split()
    models = tuple(scope.removeprefix("model:") for scope in scopes if scope != ADMIN)
    return _Entry(bytes.fromhex(match["digest"]), Grant(match["name"], models, ADMIN in scopes))
