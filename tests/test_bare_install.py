"""A fresh environment with the bare install: it converts nothing, serves everything, starts fast and stays small."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
READY_SECONDS = 1.5
RESIDENT_MB = 120
ATTEMPTS = 5

CLIENT = """
import json, sys
import vajra_onnx as vo
with vo.Client(sys.argv[1]) as client:
    answer = client.run("penguins", json.load(sys.stdin))
print(json.dumps({name: values.tolist() for name, values in answer.items()}))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of a new environment in which only `pip install .` was done."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ROOT], check=True)
    return python


@pytest.mark.parametrize("framework", ["onnx", "spox", "pandas", "sklearn", "xgboost", "scipy"])
def test_no_framework_is_there(bare: Path, framework: str) -> None:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({framework!r}) is not None)"
    assert subprocess.run([bare, "-c", code], check=False).returncode == 0


def test_it_converts_nothing_and_says_what_to_install(bare: Path) -> None:
    done = subprocess.run([bare, "-c", "import vajra_onnx; vajra_onnx.convert"], capture_output=True, text=True, check=False)
    assert "ImportError" in done.stderr
    assert "pip install 'vajra-onnx[convert]'" in done.stderr


def test_it_serves_starts_fast_and_stays_small(bare: Path, files: Path, fitted: Any) -> None:
    model, features = fitted
    rows = features.dropna().head(5)
    started = [_serve_once(bare, files / "models", rows) for _ in range(ATTEMPTS)]
    for answer, _, _ in started:
        np.testing.assert_array_equal(answer["predict"], model.predict(rows))
        np.testing.assert_array_equal(answer["predict_proba"], model.predict_proba(rows))
    # The machine is shared: the fastest start is the one that nobody disturbed.
    assert min(seconds for _, seconds, _ in started) < READY_SECONDS
    assert min(megabytes for _, _, megabytes in started) < RESIDENT_MB


def _serve_once(python: Path, repository: Path, rows: Any) -> tuple[dict[str, Any], float, float]:
    """The answers of a new server, the seconds until it was ready, and its resident megabytes afterwards."""
    start = time.perf_counter()
    command = [python, "-m", "vajra_onnx", "serve", repository, "--port", "0", "--metrics-port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        line = next(line for line in server.stdout if "ready" in line and "127.0.0.1:" in line)
        seconds = time.perf_counter() - start
        address = "127.0.0.1:" + line.partition("127.0.0.1:")[2].split()[0].rstrip(",")
        payload = json.dumps(rows.to_dict(orient="records"))
        done = subprocess.run([python, "-c", CLIENT, address], input=payload, capture_output=True, text=True, check=True)
        pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
        return json.loads(done.stdout), seconds, pages * 4096 / 2**20
    finally:
        server.terminate()
        server.wait(timeout=20)
        assert server.stdout is not None
        server.stdout.close()
