"""Golden vectors: inputs and expected outputs beside the model, replayed wherever it is loaded.

The layout is the ONNX project's own: `test_data_set_0/input_0.pb`, `output_0.pb`, ..., one TensorProto each, in the order of the
graph's inputs and outputs, with their names inside. Beside `model.onnx` the folder has this name; beside any other file
`x.onnx` it is `x.test_data_set_0`, since several models may share a folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArtifactError, InputError
from .digest import CERTIFICATE_KEY
from .session import Session
from .tensorproto import read_tensor, write_tensor

FOLDER = "test_data_set_0"
# |got - expected| <= atol + rtol * |expected| where no certificate says better.
TOLERANCES = {"float64": (1e-9, 1e-12), "float32": (1e-5, 1e-7), "float16": (1e-2, 1e-4)}

Arrays = Mapping[str, np.ndarray]


def folder_of(model: Path) -> Path:
    """The folder of a model file's golden vectors."""
    return model.parent / (FOLDER if model.name == "model.onnx" else f"{model.stem}.{FOLDER}")


def to_files(inputs: Arrays, outputs: Arrays) -> dict[str, bytes]:
    """The content of the folder, by file name."""
    files = {f"input_{i}.pb": write_tensor(name, array) for i, (name, array) in enumerate(inputs.items())}
    return files | {f"output_{i}.pb": write_tensor(name, array) for i, (name, array) in enumerate(outputs.items())}


def read(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Inputs and outputs by name. Raises ArtifactError for a file that is damaged."""
    return _read(folder, "input"), _read(folder, "output")


def replay(model: Path, session: Session) -> int:
    """Run the golden vectors of a model file; answer how many rows there were, 0 where the model has none.

    Numbers agree within the certificate's tolerance for their output, or within TOLERANCES; NaN equals NaN. Everything else
    is equal. Raises ArtifactError that names the first difference.
    """
    folder = folder_of(model)
    if not folder.is_dir():
        return 0
    inputs, expected = read(folder)
    if not inputs or not expected:
        raise ArtifactError("golden vectors", expected="inputs and outputs", got="none of them", where=str(folder))
    known = [c.name for c in session.schema.outputs]
    if inputs.keys() != {c.name for c in session.schema.inputs} or not expected.keys() <= set(known):
        got = f"{sorted(inputs)} and {sorted(expected)}"
        raise ArtifactError("golden vectors of another model", expected="its inputs and outputs", got=got, where=str(folder))
    try:
        answers = session.run_feeds(inputs, list(expected))
    except InputError as error:
        raise ArtifactError(f"the model refuses its own golden vectors: {error}", where=str(folder)) from None
    tolerances = _certified(session.metadata)
    for name, array in expected.items():
        _compare(name, answers[name], array, tolerances.get(name), folder)
    return len(next(iter(inputs.values())))


def _read(folder: Path, kind: str) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    while (path := folder / f"{kind}_{len(arrays)}.pb").is_file():
        try:
            name, array = read_tensor(path.read_bytes())
        except (ArtifactError, OSError) as error:
            raise ArtifactError(str(error), where=str(path)) from None
        if name in arrays:
            raise ArtifactError("golden vectors", expected="one file per name", got=f"{name!r} twice", where=str(path))
        arrays[name] = array
    return arrays


def _certified(metadata: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """By output, the certificate's relative and absolute tolerance for replays."""
    try:
        certificate: Any = json.loads(metadata.get(CERTIFICATE_KEY, "{}"))
        return {o["name"]: (float(o["rtol"]), float(o["atol"])) for o in certificate.get("outputs", ())}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArtifactError("the certificate cannot be read", expected="JSON with the outputs' tolerances") from None


def _compare(name: str, got: np.ndarray, expected: np.ndarray, tolerance: tuple[float, float] | None, folder: Path) -> None:
    if got.dtype != expected.dtype or got.shape != expected.shape:
        wanted, found = (f"{a.dtype} {list(a.shape)}" for a in (expected, got))
        raise ArtifactError(f"golden vectors: {name}", expected=wanted, got=found, where=str(folder))
    if expected.dtype.kind == "f":
        rtol, atol = tolerance or TOLERANCES[expected.dtype.name]
        same = np.isclose(got.astype(np.float64), expected.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)
    else:
        same = np.asarray(got == expected)
    if not same.all():
        place = tuple(int(i) for i in np.argwhere(~same)[0])
        raise ArtifactError(
            f"golden vectors: {name} differs in row {place[0]}",
            expected=repr(expected[place]),
            got=repr(got[place]),
            where=str(folder),
            hint="this runtime or machine computes differently; do not serve the model here",
        )
