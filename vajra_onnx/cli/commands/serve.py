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
@option("--workers", type=click.IntRange(1), default=256, show_default=True, help="Requests that have a thread each.")
@option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Calls that are taken on; more are turned away.")
@option("--max-message", type=click.IntRange(1, 2047), default=64, show_default=True, help="Largest message, in megabytes.")
@option("--transport", type=click.Choice(CHOICES), default="auto", show_default=True, help="auto: the fastest one installed.")
@option("--grace", type=click.FloatRange(0), default=20.0, show_default=True, help="Seconds for calls in flight after SIGTERM.")
@option(
    "--keepalive", type=click.FloatRange(0), default=7200.0, show_default=True, help="Seconds of silence before a ping; 0: never."
)
@option(
    "--idle",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds that a client may stay without a call; 0: any.",
)
@option("--config", type=click.Path(dir_okay=False), help="Settings of the models; by default SOURCE/models.toml.")
@option(
    "--poll", type=click.FloatRange(0), default=0.0, show_default=True, help="Seconds between looks for new versions; 0: off."
)
@option("--explicit", is_flag=True, help="Let clients load and unload the models of SOURCE.")
@option("--memory-limit", type=click.IntRange(0), default=0, help="Megabytes for the executions of all models; 0: no limit.")
@option("--versions", help="Which are served: latest, latest:N, all, or a list such as 1,3.  [default: latest]")
@option("--threads", type=click.IntRange(1), help="Threads inside one execution.  [default: 1]")
@option("--provider", "providers", multiple=True, help="Execution provider of onnxruntime; several in their order.")
@option("--arena/--no-arena", default=None, help="Keep memory between executions.  [default: arena]")
@option("--shrink/--no-shrink", default=None, help="Give the free part of it back after each one.  [default: no-shrink]")
@option("--concurrency", type=click.IntRange(1), help="Executions of one model at once.  [default: one per core]")
@option("--max-batch-size", type=click.IntRange(1), help="Rows of several requests that go together; 1: none.  [default: 64]")
@option("--max-delay", type=click.FloatRange(0), help="Milliseconds that a batch waits for more rows.  [default: 0]")
@option("--queue-limit", type=click.IntRange(0), help="Requests that may wait for one model.  [default: 1000]")
@option("--queue-timeout", type=click.FloatRange(0), help="Seconds that they may wait; 0: their own deadline.  [default: 0]")
@option("--max-rows", type=click.IntRange(0), help="Rows of one request; 0: as many as a message holds.  [default: 0]")
@option("--tls-cert", type=click.Path(), help="PEM file: the server's certificate, and the chain above it.")
@option("--tls-key", type=click.Path(), help="PEM file: the certificate's key.")
@option("--tls-client-ca", type=click.Path(), help="PEM file: only clients with a certificate of this authority (mTLS).")
@option("--tokens", type=click.Path(), help="File of tokens and what each may do; vajra-onnx token prints its lines.")
@option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of the lines on stderr.")
@option("--log-requests", is_flag=True, help="A line for every call, with its id.")
def command(source: str, **settings: Any) -> None:
    """Serve SOURCE, a MODEL.onnx or a repository (MODEL/VERSION/model.onnx), with the Open Inference Protocol."""
    from ...server.serve import serve

    given = {name: value for name, value in settings.items() if value is not None and value != ()}
    serve(source, **given)
