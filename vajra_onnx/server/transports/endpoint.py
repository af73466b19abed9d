"""Where a server listens, and how much it takes on: what every transport is opened with."""

from __future__ import annotations

from dataclasses import dataclass

from ..tls import Certificates


@dataclass(frozen=True)
class Endpoint:
    """port: 0 picks a free one. workers: requests that have a thread each. limit: calls that are taken on, beyond which they are
    refused with RESOURCE_EXHAUSTED. max_message: megabytes. tls: None for none."""

    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 256
    limit: int = 1000
    max_message: int = 64
    tls: Certificates | None = None
    # Seconds, 0 for ever: until a client has introduced itself; of silence until it is asked whether it is there, which it has
    # 20 s to answer; and without a call until it is let go.
    handshake: float = 10.0
    keepalive: float = 7200.0
    idle: float = 0.0

    @property
    def address(self) -> str:
        """host:port, the host in brackets where it is IPv6."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
