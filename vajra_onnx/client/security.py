"""How a client reaches a server that asks for TLS and for a token."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc

from ..errors import ServerError


@dataclass(frozen=True)
class TLS:
    """PEM files. ca: who has signed the server's certificate (None: the authorities that gRPC knows). cert and key: this
    client's own, where the server asks for one (mTLS). server_name: the name in the server's certificate, where it is not
    the one that is called."""

    ca: str | Path | None = None
    cert: str | Path | None = None
    key: str | Path | None = None
    server_name: str | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """For a secure channel. Raises ServerError for a file that cannot be read."""
        return grpc.ssl_channel_credentials(_content(self.ca), _content(self.key), _content(self.cert))

    def options(self) -> list[tuple[str, str]]:
        """Channel options."""
        return [("grpc.ssl_target_name_override", self.server_name)] if self.server_name else []


def tls_of(tls: bool | str | Path | TLS) -> TLS | None:
    """What the clients accept: True, a file of authorities, or everything."""
    if isinstance(tls, bool):
        return TLS() if tls else None
    return tls if isinstance(tls, TLS) else TLS(ca=tls)


def bearer(token: str | None) -> tuple[tuple[str, str], ...]:
    """The metadata that carries a token. Raises ValueError for text that no header can hold."""
    if token is None:
        return ()
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise ValueError("expected a token as `vajra-onnx token` prints it, got text that no header can carry")
    return (("authorization", f"Bearer {token}"),)


def _content(path: str | Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ServerError(f"cannot read: {error.strerror}", where=str(path)) from None
