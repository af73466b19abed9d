"""vajra-onnx serve: a model or a repository over gRPC."""

from __future__ import annotations

import click

from ..options import option


@click.command("serve")
@click.argument("source", type=click.Path())
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every interface.")
@option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="gRPC port; 0 picks a free one.")
@option(
    "--metrics-port", type=click.IntRange(0, 65535), default=8002, show_default=True, help="Metrics port; 0 picks a free one."
)
@option("--workers", type=click.IntRange(1), default=4, show_default=True, help="Requests that are worked on at once.")
@option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads inside one request's graph.")
def command(source: str, host: str, port: int, metrics_port: int, workers: int, threads: int) -> None:
    """Serve SOURCE, a MODEL.onnx or a repository (MODEL/VERSION/model.onnx), with the Open Inference Protocol."""
    from ...server.serve import serve

    serve(source, host=host, port=port, metrics_port=metrics_port, workers=workers, threads=threads)
