"""From exceptions to gRPC status codes."""

from __future__ import annotations

import logging

import grpc

from ..errors import InputError, ServerError

log = logging.getLogger(__name__)

# The text travels percent-encoded in the trailing headers, of which clients accept 8 KB by default.
LONGEST = 2000


class RefusedError(ServerError):
    """A request that is refused for another reason than its data; `code` is the status."""

    def __init__(self, code: grpc.StatusCode, message: str, *, expected: str | None = None) -> None:
        super().__init__(message, expected=expected)
        self.code = code


def code_of(error: Exception) -> grpc.StatusCode:
    """INVALID_ARGUMENT for data that does not fit, a refusal's own code, INTERNAL for what nobody expected."""
    if isinstance(error, InputError):
        return grpc.StatusCode.INVALID_ARGUMENT
    return error.code if isinstance(error, RefusedError) else grpc.StatusCode.INTERNAL


def details_of(error: Exception) -> str:
    """The text for the client. What nobody expected is logged in full, and told by its type and message alone."""
    code = code_of(error)
    if code is not grpc.StatusCode.INTERNAL:
        return shortened(str(error))
    log.error("internal error: %s: %s", type(error).__name__, error, exc_info=log.isEnabledFor(logging.DEBUG))
    return shortened(f"internal error: {type(error).__name__}: {error}")


def shortened(text: str) -> str:
    """The text, cut where it would not fit into the headers."""
    encoded = text.encode(errors="replace")
    return encoded.decode() if len(encoded) <= LONGEST else encoded[:LONGEST].decode(errors="ignore") + " ..."
