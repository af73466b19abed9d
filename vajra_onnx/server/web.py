"""/metrics and /health over HTTP, on a port and threads of their own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .metrics import exposition
from .models import Models

METRICS = "text/plain; version=0.0.4; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


def start(host: str, port: int, models: Models, accepting: Callable[[], bool]) -> ThreadingHTTPServer:
    """Serve until `shutdown()`; port 0 picks a free one. Raises OSError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, exposition(models), METRICS)
            elif self.path == "/health":
                ready = accepting()
                self._answer(200 if ready else 503, b"ready\n" if ready else b"not ready\n", TEXT)
            else:
                self._answer(404, b"there are /metrics and /health\n", TEXT)

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not worth a line."""

    class Web(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    server = Web((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
