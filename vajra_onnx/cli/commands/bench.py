"""vajra-onnx bench: how fast a model answers, here or behind an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..data import features_of, read_data
from ..options import json_option, option, print_json, trust_pickle_option

if TYPE_CHECKING:
    from ...client import Client


@click.command("bench")
@click.argument("model_file", metavar="[MODEL.onnx]", required=False, type=click.Path())
@option("--against", type=click.Path(), help="The original, to compare with.")
@option("--endpoint", help="HOST:PORT of a server, instead of a file.")
@option("--model", help="The model's name on that server.")
@option("--data", type=click.Path(), help="Rows to send. Default: the example rows that the model carries.")
@option("--batch", "batches", default="1,100,1000", show_default=True, help="Batch sizes (of a file).")
@option("--concurrency", default="1,8", show_default=True, help="Requests in flight (of a server).")
@option("--seconds", type=click.FloatRange(0.1, 60), default=3.0, show_default=True, help="Time for each concurrency.")
@option("--tls", is_flag=True, help="The server has TLS, of an authority that gRPC knows.")
@option("--tls-ca", type=click.Path(), help="The server has TLS. PEM file: the authority that signed its certificate.")
@option("--client-cert", type=click.Path(), help="PEM file: this client's certificate, where the server asks for one (mTLS).")
@option("--client-key", type=click.Path(), help="PEM file: that certificate's key.")
@option("--server-name", help="The name in the server's certificate, where it is not HOST.")
@option("--token", help="What vajra-onnx token printed; in the environment variable nobody else sees it.")
@option("--plot", type=click.Path(), help="Write the figures as a PNG or SVG.")
@trust_pickle_option
@json_option
def command(model_file: str | None, endpoint: str | None, plot: str | None, as_json: bool, **settings: Any) -> None:
    """Measure MODEL.onnx in this process, or a server with --endpoint and --model."""
    if (model_file is None) == (endpoint is None):
        raise click.UsageError("give either MODEL.onnx or --endpoint HOST:PORT with --model NAME")
    from ...bench import report

    results: Any
    if endpoint is not None:
        if settings["model"] is None:
            raise click.UsageError("--endpoint needs --model NAME")
        results = _endpoint(endpoint, settings)
        show: Any = report.print_endpoint
    else:
        assert model_file is not None
        results = _local(model_file, settings)
        show = report.print_local
    if as_json:
        print_json([r.to_dict() for r in results])
    else:
        show(results)
    if plot:
        report.plot(results, plot)


def _local(path: str, settings: dict[str, Any]) -> Any:
    from ...bench.local import compare
    from ...bench.rows import example
    from ...export.files import load_model
    from ...runtime.session import load

    session = load(path)
    dicts = session.schema.takes_dicts
    data = read_data(settings["data"], dicts=dicts) if settings["data"] else example(session.metadata)
    original = None
    if settings["against"]:
        model = load_model(settings["against"], trust_pickle=settings["trust_pickle"])
        data = features_of(model, data)
        original = model.predict if hasattr(model, "predict") else model.transform
    return compare(session, data, original, numbers(settings["batches"], "--batch"))


def _endpoint(endpoint: str, settings: dict[str, Any]) -> Any:
    from ...bench.endpoint import load
    from ...bench.rows import batch, example

    with _client(endpoint, settings) as client:
        schema = client.schema(settings["model"])
        data = (
            read_data(settings["data"], dicts=schema.takes_dicts)
            if settings["data"]
            else example(client.metadata(settings["model"]).properties)
        )
        rows = batch(data, 1, schema)
        counts = numbers(settings["concurrency"], "--concurrency")
        return load(client, settings["model"], rows, concurrencies=counts, seconds=settings["seconds"])


def _client(endpoint: str, settings: dict[str, Any]) -> Client:
    """Connected as the options say."""
    from ...client import TLS, Client

    tls = TLS(*(settings[name] for name in ("tls_ca", "client_cert", "client_key", "server_name")))
    if (tls.cert is None) != (tls.key is None):
        raise click.UsageError("give --client-cert and --client-key together")
    try:
        return Client(endpoint, tls=tls if settings["tls"] or tls != TLS() else False, token=settings["token"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--token") from None


def numbers(text: str, flag: str) -> list[int]:
    """`1,100` as [1, 100]; anything else is wrong usage."""
    try:
        values = [int(item) for item in text.split(",")]
    except ValueError:
        values = [0]
    if min(values) < 1 or max(values) > 100_000:
        raise click.BadParameter("give whole numbers from 1 to 100000, separated by commas", param_hint=flag)
    return values
