"""TLS for grpcio's server: it asks at every handshake whether there are other certificates now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc

from ...tls import Certificates, Pems
from ...watched import Watched


def credentials(tls: Certificates) -> grpc.ServerCredentials:
    """For `grpc.Server.add_secure_port`. Raises ServerError for files that are missing or do not belong together."""
    files = tls.watch(_configuration)
    mutual = tls.client_ca is not None
    first = files.get()
    return grpc.dynamic_ssl_server_credentials(first, _news(files, first), require_client_authentication=mutual)


def _configuration(pems: Pems) -> Any:
    return grpc.ssl_server_certificate_configuration([(pems.key, pems.cert)], root_certificates=pems.client_ca)


def _news(files: Watched[Any], first: Any) -> Callable[[], Any]:
    """None says that nothing is new."""
    last = [first]

    def ask() -> Any:
        now = files.get()
        if now is last[0]:
            return None
        last[0] = now
        return now

    return ask
