"""models.toml: how the models of a repository are run.

    [defaults]                 # for every model
    max_batch_size = 32

    [models.penguins]          # for one
    versions = "latest:2"

A model's own table goes before flags and environment, and these before [defaults]. TOML, since Python reads it by itself and
since it has no words that turn into other types (YAML's `no`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ServerError
from .settings import Settings, changed

FILE = "models.toml"


@dataclass(frozen=True)
class Config:
    """defaults: for a model without a table of its own. models: by name."""

    defaults: Settings = field(default_factory=Settings)
    models: Mapping[str, Settings] = field(default_factory=dict)

    def of(self, name: str) -> Settings:
        """The settings of a model."""
        return self.models.get(name, self.defaults)


def read_config(
    source: str | os.PathLike[str],
    file: str | os.PathLike[str] | None,
    flags: Mapping[str, Any],
    built_in: Settings | None = None,
) -> Config:
    """The configuration in `file`, or in the repository `source` where it has one, under `flags` (those that were given).

    built_in: what holds where nothing else is said.

    Raises ServerError with file and key for what is unknown or no value of its kind.
    """
    path = Path(file) if file is not None else Path(source) / FILE
    content = _read(path) if file is not None or path.is_file() else {}
    for key in content.keys() - {"defaults", "models"}:
        raise ServerError("unknown table", expected="[defaults] | [models.NAME]", got=repr(key), where=str(path))
    general = changed(built_in or Settings(), _table(content.get("defaults", {}), f"{path}: defaults"), f"{path}: defaults")
    defaults = changed(general, flags, "flags")
    models = {}
    for name, values in _table(content.get("models", {}), f"{path}: models").items():
        where = f"{path}: models.{name}"
        models[name] = changed(defaults, _table(values, where), where)
    return Config(defaults, models)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ServerError(f"cannot read the configuration: {error.strerror}", where=str(path)) from None
    except ValueError as error:  # bytes that are no UTF-8, and TOML's own errors, which name the line
        raise ServerError(f"not TOML: {error}", where=str(path)) from None


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ServerError(expected="a table", got=repr(value), where=where)
    return value
