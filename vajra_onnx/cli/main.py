"""`vajra-onnx`: finds its commands by the files beside this one, and imports only the one that runs."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..errors import VajraError

COMMANDS = "commands"


class Commands(click.Group):
    """The files of `cli/commands/`, as commands: `convert.py` holds `command`, which is `vajra-onnx convert`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent / COMMANDS)]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f".{COMMANDS}.{cmd_name}", __package__).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VajraError as error:
            raise Failure(str(error)) from error
        except ModuleNotFoundError as error:
            raise Failure(f"this command needs {error.name} (hint: pip install 'vajra-onnx[all]')") from error


class Failure(click.ClickException):
    """A failure that was foreseen: one line on stderr, exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"error: {self.format_message()}", err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="vajra-onnx")
def main() -> None:
    """The whole trained pipeline as one ONNX graph: proved equal to the original, served over gRPC."""
