"""vajra-onnx token: a new bearer token, and its line for the tokens file."""

from __future__ import annotations

import click

from ..options import json_option, option, print_json


@click.command("token")
@click.argument("name")
@option("--model", "models", multiple=True, default=["*"], show_default=True, help="A model it may ask; * and ?; repeatable.")
@option("--admin", is_flag=True, help="It may load and unload these models, too.")
@json_option
def command(name: str, models: tuple[str, ...], admin: bool, as_json: bool) -> None:
    """Make a token for the bearer NAME: the token on stderr, its line for the server's --tokens file on stdout.

    The file holds a hash: the token itself is shown now and never again.
    """
    from ...server import tokens

    token = tokens.new_token()
    scopes = [f"model:{pattern}" for pattern in models] + [tokens.ADMIN] * admin
    try:
        line = tokens.line(name, token, scopes)
    except ValueError as error:
        raise click.UsageError(f"a name and patterns must be words without spaces, and the name no comment: {error}") from None
    if as_json:
        print_json({"token": token, "line": line})
        return
    click.echo(f"token, shown only now: {token}", err=True)
    click.echo(line)
