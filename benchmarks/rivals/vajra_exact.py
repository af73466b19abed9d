"""vajra-onnx in exact mode, through the session's own `run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MODE = "exact"


def prepare(pipeline: Any, features: Any, folder: Path, mode: str = MODE) -> None:
    from vajra_onnx.export import build_model

    outputs = ["predict", "predict_proba"]
    (folder / f"{mode}.onnx").write_bytes(build_model(pipeline, features.head(500), outputs, mode)[0].SerializeToString())


def load(folder: Path, mode: str = MODE) -> Any:
    import vajra_onnx as vo

    return vo.load(folder / f"{mode}.onnx")


def run(session: Any, rows: Any) -> Any:
    return session.run(rows)


def one(session: Any, rows: Any, row: dict[str, Any]) -> Any:
    return session.run(row)
