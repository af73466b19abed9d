"""This project's server with TLS and with tokens: certificates of an authority made for the run, and a bearer who may ask."""

from __future__ import annotations

from pathlib import Path

import trustme

from vajra_onnx.server import tokens

from .protocols import Inference
from .rivals import Rival, ours


def with_tls(transport: str, folder: Path) -> Rival:
    """Over TLS."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    ca, cert, key = (folder / f"{transport} {name}.pem" for name in ("authority", "certificate", "key"))
    authority.cert_pem.write_to_path(ca)
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    return ours(transport, ["--tls-cert", str(cert), "--tls-key", str(key)], Inference(ca=ca), ", TLS")


def with_token(transport: str, folder: Path) -> Rival:
    """Asking who calls."""
    token, file = tokens.new_token(), folder / f"{transport}.tokens"
    file.write_text(tokens.line("benchmark", token, ["model:*"]) + "\n")
    return ours(transport, ["--tokens", str(file)], Inference(token=token), ", token")
