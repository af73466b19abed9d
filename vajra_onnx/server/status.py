"""Status codes, with gRPC's numbers and names but without its library, and the way from exceptions to them."""

from __future__ import annotations

import logging
from enum import IntEnum

from ..errors import InputError, ServerError

log = logging.getLogger(__name__)

# The text travels percent-encoded in the trailing headers, of which clients accept 8 KB by default.
LONGEST = 2000


class Code(IntEnum):
    """The codes that a service answers with; the numbers are the wire's own (grpc/doc/statuscodes.md)."""

    OK = 0
    CANCELLED = 1
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


class RefusedError(ServerError):
    """A request that is refused for another reason than its data; `code` is the status."""

    def __init__(self, code: Code, message: str, *, expected: str | None = None) -> None:
        super().__init__(message, expected=expected)
        self.code = code


def code_of(error: Exception) -> Code:
    """INVALID_ARGUMENT for data that does not fit, RESOURCE_EXHAUSTED without memory, a refusal's own, else INTERNAL."""
    if isinstance(error, InputError):
        return Code.INVALID_ARGUMENT
    if isinstance(error, MemoryError):
        return Code.RESOURCE_EXHAUSTED
    return error.code if isinstance(error, RefusedError) else Code.INTERNAL


def details_of(error: Exception) -> str:
    """The text for the client. What nobody expected is logged in full, and told by its type and message alone."""
    if code_of(error) is not Code.INTERNAL:
        return shortened(str(error))
    log.error("internal error: %s: %s", type(error).__name__, error, exc_info=log.isEnabledFor(logging.DEBUG))
    return shortened(f"internal error: {type(error).__name__}: {error}")


def shortened(text: str) -> str:
    """The text, cut where it would not fit into the headers."""
    encoded = text.encode(errors="replace")
    return encoded.decode() if len(encoded) <= LONGEST else encoded[:LONGEST].decode(errors="ignore") + " ..."
