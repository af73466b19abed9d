"""The answer to a call as every transport carries it."""

from __future__ import annotations

from typing import NamedTuple

from .status import Code, code_of, details_of


class Reply(NamedTuple):
    """code: OK, and `body` is the response's bytes; or a refusal, and `message` says why."""

    code: Code
    message: str
    body: bytes


def refused(error: Exception) -> Reply:
    """The refusal that an exception means."""
    return Reply(code_of(error), details_of(error), b"")
