"""What several commands share: options that are environment variables too, and what is printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def option(name: str, *names: str, **settings: Any) -> Callable[[Function], Function]:
    """A click option that can be given as an environment variable: `--trust-pickle` is `VAJRA_ONNX_TRUST_PICKLE`."""
    flag = next(n for n in (name, *names) if n.startswith("--")).partition("/")[0]
    variable = "VAJRA_ONNX_" + flag.lstrip("-").upper().replace("-", "_")
    return click.option(name, *names, envvar=variable, show_envvar=True, **settings)


def json_option(function: Function) -> Function:
    """`--json`: results for machines instead of for people."""
    return option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)


def trust_pickle_option(function: Function) -> Function:
    """`--trust-pickle`: the user's word that a pickle may be opened."""
    return option("--trust-pickle", is_flag=True, help="Open pickle and joblib files: this runs the code inside them.")(function)


def print_json(data: Any) -> None:
    """JSON on stdout, readable, with every character as itself."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
