"""vajra-onnx serve: a model or a repository over gRPC."""

from __future__ import annotations

from typing import Any

import click

from ..options import option

CHOICES = ("auto", "grpcio", "native")


@click.command("serve")
@click.argument("source", type=click.Path())
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every interface.")
@option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="gRPC port; 0 picks a free one.")
@option("--metrics-port", type=click.IntRange(0, 65535), default=8002, show_default=True, help="Metrics port; 0: a free one.")
@option("--workers", type=click.IntRange(1), default=4, show_default=True, help="Requests that are worked on at once.")
@option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads inside one request's graph.")
@option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Requests that may wait; more are turned away.")
@option("--max-message", type=click.IntRange(1, 2047), default=64, show_default=True, help="Largest message, in megabytes.")
@option("--transport", type=click.Choice(CHOICES), default="auto", show_default=True, help="auto: the fastest one installed.")
@option("--grace", type=click.FloatRange(0), default=20.0, show_default=True, help="Seconds for calls in flight after SIGTERM.")
def command(source: str, **settings: Any) -> None:
    """Serve SOURCE, a MODEL.onnx or a repository (MODEL/VERSION/model.onnx), with the Open Inference Protocol."""
    from ...server.serve import serve

    serve(source, **settings)
