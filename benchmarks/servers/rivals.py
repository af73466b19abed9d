"""Who is measured: this project's server and the programs in rivals/serving, each in an environment of its own.

A rival is a script that is given the folder of the models and a port. Its head says what it needs and how it is asked, in the
inline metadata of Python scripts (`# /// script`): dependencies, absent where it runs in this project's environment;
requires-python; and in [tool.benchmark] name; wire, "inference" (gRPC) or "json"; models, where it does not serve all; outputs,
where they must be asked for by name.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from .onnx import MODELS
from .process import Process, UnavailableError
from .protocols import Inference, Json, Wire

BENCHMARKS = Path(__file__).parent.parent
SCRIPTS = BENCHMARKS / "rivals" / "serving"
REFERENCE = "plain_grpcio"
PYTHONS = ("python3", "python3.11", "python3.12", "python3.13")


@dataclass(frozen=True)
class Rival:
    """A server that can be started: {folder} and {port} in its command stand for the models and for where it is to listen."""

    name: str
    wire: Wire
    command: Sequence[str]
    models: Sequence[str] = MODELS
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, folder: Path, port: int) -> Process:
        """The process, which is not ready yet."""
        command = [part.format(folder=folder, port=port) for part in self.command]
        return Process(command, folder / f"{port}.log", self.variables)


def peers() -> list[str]:
    """The names of all scripts but the reference."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py") if path.stem != REFERENCE)


def script(name: str, cache: Path) -> Rival:
    """A script of rivals/serving. Raises UnavailableError with the reason when what it needs cannot be installed."""
    path = SCRIPTS / f"{name}.py"
    head = metadata(path)
    about, needs = head["tool"]["benchmark"], head.get("dependencies")
    wire = Json() if about["wire"] == "json" else Inference(about.get("outputs", ()))
    python, paths = sys.executable, [str(BENCHMARKS), *sys.path[1:]]
    if needs:
        python, paths = installed(name, needs, head.get("requires-python", ""), cache), [str(BENCHMARKS)]
    command = [python, "-P", str(path), "{folder}", "{port}"]  # -P: a script may be called like a package
    return Rival(about["name"], wire, command, about.get("models", MODELS), {"PYTHONPATH": ":".join(paths)})


def ours(transport: str, extra: Sequence[str] = (), wire: Wire | None = None, label: str = "") -> Rival:
    """This project's server, as a user starts it."""
    command = [sys.executable, "-m", "vajra_onnx", "serve", "{folder}", "--port", "{port}", "--metrics-port", "0"]
    return Rival(f"vajra-onnx, {transport}{label}", wire or Inference(), [*command, "--transport", transport, *extra])


def metadata(path: Path) -> dict[str, Any]:
    """What a script's head tells."""
    block = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", path.read_text(), re.MULTILINE)
    assert block, f"{path} has no inline metadata"
    return tomllib.loads("".join(line[2:] + "\n" for line in block[1].splitlines()))


def installed(name: str, needs: Sequence[str], versions: str, cache: Path) -> str:
    """The Python of an environment that has these packages; scripts whose first package is the same share one."""
    home = cache.resolve() / needs[0]
    python, mark = str(home / "bin" / "python"), home / f"{name}.installed"
    if not mark.exists():
        print(f"installing {name} into {home}", file=sys.stderr, flush=True)
        _told([interpreter(versions), "-m", "venv", "--without-pip", str(home)])
        _told([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check", *needs])
        mark.touch()
    return python


def interpreter(versions: str) -> str:
    """A Python on this machine whose version these specifiers allow, this one before others. Raises UnavailableError for none."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3", *filter(None, map(shutil.which, PYTHONS)))):
        asked = subprocess.run(
            [python, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True
        )
        if asked.returncode == 0 and SpecifierSet(versions).contains(asked.stdout.strip()):
            return python
    raise UnavailableError(f"it needs Python {versions}, and none is here")


def _told(command: Sequence[str]) -> None:
    """Run a step of an installation. Raises UnavailableError with its last error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or ["it could not be installed"]
        raise UnavailableError(lines[-1].removeprefix("ERROR: ")[:200])
