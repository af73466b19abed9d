"""/metrics (Prometheus text) and /health over HTTP, on a port and a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .models import Model, Models

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def start(host: str, port: int, models: Models, accepting: Callable[[], bool]) -> ThreadingHTTPServer:
    """Serve until `shutdown()`; port 0 picks a free one. Raises OSError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, exposition(models))
            elif self.path == "/health":
                ready = accepting()
                self._answer(200 if ready else 503, "ready\n" if ready else "not ready\n")
            else:
                self._answer(404, "there are /metrics and /health\n")

        def _answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not worth a line."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def exposition(models: Models) -> str:
    """All counts as Prometheus reads them."""
    every = models.all()
    lines = [
        "# HELP vajra_onnx_ready Whether a version of a model answers.",
        "# TYPE vajra_onnx_ready gauge",
        *(f"vajra_onnx_ready{_labels(m)} {int(m.session is not None)}" for m in every),
        "# HELP vajra_onnx_rows_total Rows answered.",
        "# TYPE vajra_onnx_rows_total counter",
        *(f"vajra_onnx_rows_total{_labels(m)} {m.counts.now().rows}" for m in every),
        "# HELP vajra_onnx_failures_total Inference requests refused or failed, by gRPC status.",
        "# TYPE vajra_onnx_failures_total counter",
        *(f"vajra_onnx_failures_total{_labels(m, code=c)} {n}" for m in every for c, n in sorted(m.counts.failed().items())),
        "# HELP vajra_onnx_request_seconds Time from decoded request to response, of those answered.",
        "# TYPE vajra_onnx_request_seconds summary",
    ]
    for model in every:
        lines.append(f"vajra_onnx_request_seconds_sum{_labels(model)} {model.counts.seconds:.9f}")
        lines.append(f"vajra_onnx_request_seconds_count{_labels(model)} {model.counts.answered}")
    return "\n".join(lines) + "\n"


def _labels(model: Model, **more: str) -> str:
    labels = {"model": model.name, "version": str(model.version), **more}
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
