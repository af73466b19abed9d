"""docs/operations.md names what the code has, all of it and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from prometheus_client.metrics_core import Metric

from vajra_onnx.cli import main
from vajra_onnx.server import logs
from vajra_onnx.server.config import read_config
from vajra_onnx.server.metrics import Collector
from vajra_onnx.server.models import Models
from vajra_onnx.server.settings import KEYS
from vajra_onnx.server.status import Code

PAGE = (Path(__file__).parent.parent / "docs/operations.md").read_text()


def options(name: str) -> list[click.Option]:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return [parameter for parameter in command.params if isinstance(parameter, click.Option) and parameter.name != "help"]


def spellings(option: click.Option) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def block(language: str, containing: str) -> str:
    return next(b for b in re.findall(rf"```{language}\n(.*?)```", PAGE, re.S) if containing in b)


@pytest.mark.parametrize("option", options("serve"), ids=lambda option: option.opts[0])
def test_every_option_stands_with_its_variable_and_its_default(option: click.Option) -> None:
    flag = option.opts[0]
    rows = [line for line in PAGE.splitlines() if line.startswith("| `--") and f"`{flag}`" in line]
    assert len(rows) == 1, flag
    assert all(f"`{spelling}`" in rows[0] for spelling in spellings(option))
    assert f"`{option.envvar}`" in rows[0]
    default: Any = option.default
    if default and not isinstance(default, bool) and option.show_default is True:
        assert f"| {default:g} |" in rows[0] if isinstance(default, int | float) else f"| {default} |" in rows[0]


def test_no_other_option_and_no_other_variable_is_named() -> None:
    serve, token = options("serve"), options("token")
    known = {spelling for option in serve + token for spelling in spellings(option)} | {"--help"}
    commands = {"--no-deps", "--wheel-dir", "--no-cache-dir", "--read-only", "--cap-drop", "--from"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= known | commands
    assert set(re.findall(r"VAJRA_ONNX_[A-Z_]+", PAGE)) <= {str(option.envvar) for option in serve}


def test_every_key_of_the_file_stands_there() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(("| `--", "| | | `"))]
    assert {key for row in rows for key in KEYS if f"| `{key}` |" in row} == set(KEYS)


def test_the_example_of_the_file_is_read(tmp_path: Path) -> None:
    text = block("toml", "[models.penguins]")
    (tmp_path / "models.toml").write_text(text)
    assert read_config(tmp_path, None, {}).of("penguins").queue_limit == 200
    assert tomllib.loads(text)["defaults"]["max_batch_size"] == 32


def metrics() -> set[str]:
    """As Prometheus knows them."""
    families: list[Metric] = list(Collector(Models()).collect())
    return {f.name + {"counter": "_total", "info": "_info"}.get(f.type, "") for f in families}


def test_every_metric_and_no_other() -> None:
    table = set(re.findall(r"^\| `((?:nv_inference|vajra_onnx)_\w+)` \|", PAGE, re.M))
    assert table == metrics()
    named = set(re.findall(r"\b(?:vajra_onnx_|nv_inference_)\w+", PAGE))
    assert {re.sub(r"_bucket$", "", name) for name in named} <= table | {"vajra_onnx_native"}


def test_every_field_of_the_logs() -> None:
    table = PAGE[PAGE.index("## Logs") : PAGE.index("## Metrics")]
    assert set(re.findall(r"`(\w+)`", table)) >= {*logs.FIELDS, "time", "level", "logger", "message", "error"}


def test_every_status_has_a_cause() -> None:
    table = PAGE[PAGE.index("## Troubleshooting") : PAGE.index("## Upgrading")]
    assert {code.name for code in Code if f"| {code.name}" not in table} == {"OK"}


def test_every_link_leads_somewhere() -> None:
    sections = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", PAGE, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in sections
        elif not target.startswith("http"):
            assert (Path(__file__).parent.parent / "docs" / target).exists(), target
