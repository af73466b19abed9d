"""Who may call what: decided from a call's metadata before its message is read, and from the model that it names after.

Open to everyone: grpc.health.v1, ServerLive and ServerReady, which probes ask. Every other method needs a token where there
is a tokens file; methods on a model need a scope that names it, and loading and unloading need `admin` besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .health import SERVICE as HEALTH
from .status import Code, RefusedError
from .tokens import Grant, Tokens

EVERYONE = Grant("everyone", ("*",), admin=True)
OPEN = ("ServerLive", "ServerReady")
ADMIN = ("RepositoryModelLoad", "RepositoryModelUnload")
HEADER = "authorization"
_SCHEME = "bearer "


class Access:
    """The door. tokens: None lets everyone in."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens

    @property
    def guarded(self) -> bool:
        """Whether anybody can be turned away."""
        return self._tokens is not None

    def look(self) -> int:
        """Look at the tokens now; how many times they have changed: what was decided before another number says nothing."""
        return 0 if self._tokens is None else self._tokens.look()

    @property
    def changes(self) -> int:
        """What `look` found at the last look."""
        return 0 if self._tokens is None else self._tokens.changes

    def enter(self, path: str, metadata: Mapping[str, str | bytes]) -> Grant:
        """What the caller of a method (by full name) may do. Raises RefusedError: UNAUTHENTICATED."""
        if self._tokens is None:
            return EVERYONE
        _, service, name = path.split("/", 2) if path.count("/") >= 2 else ("", "", path)
        if service == HEALTH or name in OPEN:
            return EVERYONE
        given = metadata.get(HEADER)
        if given is None:
            raise _unauthenticated("a token is needed: expected metadata 'authorization: Bearer TOKEN', got none")
        text = given if isinstance(given, str) else given.decode("latin-1")
        if not text.lower().startswith(_SCHEME):
            raise _unauthenticated("expected metadata 'authorization: Bearer TOKEN', got another form")
        grant = self._tokens.grant(text[len(_SCHEME) :].strip())
        if grant is None:
            raise _unauthenticated("the token is not known here, or it was withdrawn")
        return grant


def named(request: Any) -> str:
    """The model that a request names, or nothing."""
    name: str = getattr(request, "model_name", "") or getattr(request, "name", "")
    return name


def permit(grant: Grant, path: str, model: str) -> None:
    """Let a request of a method (by its full name) pass, or raise RefusedError: PERMISSION_DENIED. model: what it names.

    A model that exists and one that does not are refused with the same words.
    """
    if grant is EVERYONE:
        return
    if model and not grant.covers(model):
        raise _denied(f"the token {grant.name!r} has no scope for model {model!r}")
    method = path.rpartition("/")[2]
    if method in ADMIN and not grant.admin:
        raise _denied(f"{method} needs the scope 'admin', which the token {grant.name!r} does not have")


def visible(grant: Grant, response: Any) -> Any:
    """The response without the models of a list (index, statistics) that the caller may not ask."""
    if grant is EVERYONE:
        return response
    for field in ("models", "model_stats"):
        entries = getattr(response, field, None)
        if entries and not all(grant.covers(entry.name) for entry in entries):
            kept = [entry for entry in entries if grant.covers(entry.name)]
            response = type(response)(**{field: kept})
    return response


def discreet(grant: Grant, error: Exception) -> Exception:
    """A refusal without the names that it lists, for a caller who may not know all of them."""
    if isinstance(error, RefusedError) and error.expected is not None and "*" not in grant.models:
        return RefusedError(error.code, str(error).partition(": expected ")[0])
    return error


def _unauthenticated(message: str) -> RefusedError:
    return RefusedError(Code.UNAUTHENTICATED, message)


def _denied(message: str) -> RefusedError:
    return RefusedError(Code.PERMISSION_DENIED, message)
