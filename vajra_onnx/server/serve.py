"""serve: a server process, from its first line to its last."""

from __future__ import annotations

import logging
import signal
import threading
from http.server import ThreadingHTTPServer
from typing import Any

from ..errors import ServerError
from . import logs, web
from .config import read_config
from .polling import Poller
from .server import Server
from .settings import Settings
from .tls import Certificates
from .tokens import Tokens

log = logging.getLogger("vajra_onnx.server")


def serve(
    source: str,
    host: str = "127.0.0.1",
    port: int = 8001,
    metrics_port: int = 8002,
    *,
    workers: int = 256,
    limit: int = 1000,
    max_message: int = 64,
    transport: str = "auto",
    grace: float = 20.0,
    keepalive: float = 7200.0,
    idle: float = 0.0,
    config: str | None = None,
    poll: float = 0.0,
    explicit: bool = False,
    tls_cert: str | None = None,
    tls_key: str | None = None,
    tls_client_ca: str | None = None,
    tokens: str | None = None,
    log_format: str = "text",
    log_requests: bool = False,
    memory_limit: int = 0,
    **settings: Any,
) -> None:
    """Serve a model file or a repository (MODEL/VERSION/model.onnx) until SIGTERM or SIGINT; call it in the main thread.

    port, metrics_port: 0 picks a free one; the line that says "ready" names both. workers: requests that have a thread each.
    limit: calls that are taken on. max_message: megabytes. transport: "auto", "grpcio" or "native". grace: seconds that calls in
    flight have when the server is asked to stop. config: a file in place of the repository's own models.toml (see `config`).
    poll: seconds between looks at the repository; 0 for none. explicit: clients may load and unload. tls_*: PEM files (see
    `tls`). tokens: a file of tokens (see `tokens`). log_format: text or json. log_requests: a line for every call.
    memory_limit: megabytes for the executions of all models together; 0 for none. The native transport has as many again.
    settings: for all models (see `settings.Settings`); they go before the file's [defaults].
    keepalive, idle: seconds (see `transports.Endpoint`).

    Raises ArtifactError when `source` holds no model, ServerError for an unknown setting, when a port is taken, or when no model
    could be made ready.
    """
    logs.to_stderr(log_format, requests=log_requests)
    stop = threading.Event()
    _on_signals(stop)
    tls = Certificates.of(tls_cert, tls_key, tls_client_ca)
    door = Tokens(tokens) if tokens else None
    for warning in exposed(host, tls, door):
        log.warning(warning)
    server = Server(
        host,
        port,
        workers=workers,
        limit=limit,
        max_message=max_message,
        transport=transport,
        tls=tls,
        tokens=door,
        keepalive=keepalive,
        idle=idle,
    )
    try:
        http = _metrics(server, host, metrics_port)
        if memory_limit:
            server.limit_memory(memory_limit)
        built_in = Settings(shared_arena=bool(memory_limit))
        manager = server.open(source, read_config(source, config, settings, built_in), explicit=explicit)
        manager.load_all()
        server.announce()
        models = ", ".join(f"{m.name} {m.version}" for m in server.models.all() if m.session is not None)
        if not models:
            raise ServerError("no model is ready", where=source, hint="the log says why")
    except BaseException:
        server.stop()
        raise
    print(f"ready on {server.address}, metrics on http://{host}:{http.server_port}/metrics, models: {models}", flush=True)
    poller = Poller(manager.look, poll) if poll else None
    stop.wait()
    if poller is not None:
        poller.stop()
    log.info("shutting down: no new calls, %.0f s for those in flight", grace)
    finished = server.drain(grace)
    http.shutdown()
    log.log(logging.INFO if finished else logging.WARNING, "stopped, %s", "all done" if finished else "calls were cut off")


def _metrics(server: Server, host: str, port: int) -> ThreadingHTTPServer:
    try:
        return web.start(host, port, server.models, server.accepting)
    except OSError as error:
        hint = "another process has this port; --metrics-port 0 picks a free one"
        raise ServerError(f"cannot listen: {error.strerror}", where=f"{host}:{port}", hint=hint) from None


def _on_signals(stop: threading.Event) -> None:
    """The first signal asks for an orderly end; the second ends the process as it would without us."""

    def ask(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)


def exposed(host: str, tls: Certificates | None, tokens: Tokens | None) -> list[str]:
    """What is open to others than this machine: one line each, for the log."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return []
    warnings = []
    if tls is None:
        warnings.append(f"NO TLS on {host}: whoever is on the way can read and change what is sent (--tls-cert, --tls-key)")
    if tokens is None and (tls is None or tls.client_ca is None):
        warnings.append(f"NO TOKENS on {host}: whoever reaches the port may call every method (--tokens, or --tls-client-ca)")
    return warnings
