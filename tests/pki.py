"""Certificates for the tests: an authority, and what it signs."""

from __future__ import annotations

from pathlib import Path

import trustme

from vajra_onnx.client import TLS
from vajra_onnx.server.tls import Certificates


class Authority:
    """A new authority; its files lie in `folder`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._authority, self._folder = trustme.CA(), folder
        self.ca = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(self.ca)

    def issue(self, name: str, host: str = "127.0.0.1") -> tuple[Path, Path]:
        """name.pem and name.key, in place of those that were there."""
        issued = self._authority.issue_cert(host)
        cert, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        issued.private_key_pem.write_to_path(key)
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return cert, key

    def server(self, *, mutual: bool = False) -> Certificates:
        """A server's files."""
        return Certificates(*self.issue("server"), self.ca if mutual else None)

    def client(self, name: str | None = None) -> TLS:
        """A client's files: with a name, it has a certificate of its own."""
        return TLS(self.ca, *(self.issue(name, name) if name else ()))
