"""vajra-onnx in fast mode: float32 throughout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rivals import vajra_exact
from rivals.vajra_exact import one, run

__all__ = ["load", "one", "prepare", "run"]


def prepare(pipeline: Any, features: Any, folder: Path) -> None:
    vajra_exact.prepare(pipeline, features, folder, "fast")


def load(folder: Path) -> Any:
    return vajra_exact.load(folder, "fast")
