"""vajra-onnx demo: the whole story on the Palmer penguins, in a minute."""

from __future__ import annotations

import click

from ..options import option


@click.command("demo")
@option("-o", "--output", default="demo-output", show_default=True, type=click.Path(), help="Directory for what it makes.")
def command(output: str) -> None:
    """Fit a pipeline on the Palmer penguins, convert, prove, save, serve, ask and measure it."""
    from ..story import tell

    tell(output)
