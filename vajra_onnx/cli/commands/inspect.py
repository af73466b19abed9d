"""vajra-onnx inspect: what a model takes, what it answers, and what was proved."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...schema import Column
from ..options import json_option, print_json


@click.command("inspect")
@click.argument("model", type=click.Path())
@json_option
def command(model: str, as_json: bool) -> None:
    """Show the schema and the certificate of MODEL.onnx."""
    from ...parity.certificate import METADATA_KEY, Certificate
    from ...runtime.session import load

    session = load(model)
    text = session.metadata.get(METADATA_KEY)
    if as_json:
        print_json({"schema": json.loads(session.schema.to_json()), "certificate": json.loads(text) if text else None})
        return
    click.echo(f"{model}  ({Path(model).stat().st_size:,} bytes)")
    for title, columns in (("inputs", session.schema.inputs), ("outputs", session.schema.outputs)):
        click.echo(f"\n{title}")
        for line in describe(columns):
            click.echo(f"  {line}")
    click.echo("\ncertificate")
    if text is None:
        click.echo("  none: this model was never proved")
        return
    certificate = Certificate.from_json(text)
    for line in dict.fromkeys([certificate.summary(), *certificate.notes]):
        click.echo(f"  {line}")


def describe(columns: tuple[Column, ...]) -> list[str]:
    """One aligned line per column: name, dtype, shape, and what is special about it."""
    width = max((len(c.name) for c in columns), default=0)
    lines = []
    for c in columns:
        shape = "[" + ", ".join("N" if s is None else str(s) for s in c.shape) + "]"
        notes = ["nullable"] * c.nullable + ["finite"] * c.finite
        if c.categories is not None:
            notes.append(f"{len(c.categories)} categories")
        lines.append(f"{c.name:<{width}}  {c.dtype:<10} {shape:<8} {', '.join(notes)}".rstrip())
    return lines
