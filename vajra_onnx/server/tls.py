"""TLS of the server: a certificate and its key, and for mTLS the authority whose clients may come; read again when they
change, at the next handshake."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..errors import ServerError
from .watched import Watched

Value = TypeVar("Value")


class Pems(NamedTuple):
    """The contents of the files."""

    cert: bytes
    key: bytes
    client_ca: bytes | None = None


@dataclass(frozen=True)
class Certificates:
    """PEM files. cert: the server's certificate, then the chain above it. client_ca: clients must show a certificate of it."""

    cert: str | Path
    key: str | Path
    client_ca: str | Path | None = None

    @classmethod
    def of(cls, cert: str | None, key: str | None, client_ca: str | None) -> Certificates | None:
        """From options of which none or some are given. Raises ServerError for half a configuration."""
        if cert and key:
            return cls(cert, key, client_ca)
        if cert or key or client_ca:
            given = ", ".join(name for name, value in (("cert", cert), ("key", key), ("client CA", client_ca)) if value)
            raise ServerError("TLS is half configured", expected="certificate and key", got=given)
        return None

    def watch(self, make: Callable[[Pems], Value]) -> Watched[Value]:
        """What a transport makes of the files as they are now, perhaps with a ValueError. Raises ServerError for files that are
        missing, do not belong together, or cannot be used."""
        paths = [self.cert, self.key, *([self.client_ca] if self.client_ca else [])]
        return Watched(paths, lambda contents: make(Pems(*self._checked(contents))))

    def _checked(self, contents: list[bytes]) -> list[bytes]:
        """gRPC takes any bytes and fails at every handshake, silently; OpenSSL says now what is wrong. Raises ValueError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key, password=b"")  # no password, or OpenSSL would ask the terminal for one
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(f"certificate and key do not make a pair: {_reason(error)}") from None
        if self.client_ca is not None:
            try:
                context.load_verify_locations(self.client_ca)
            except ssl.SSLError as error:
                raise ValueError(f"the client CA is not a PEM certificate: {_reason(error)}") from None
        return contents


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error)
