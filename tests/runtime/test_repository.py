"""Where models lie: files, the versions of one model, repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from vajra_onnx.errors import ArtifactError
from vajra_onnx.runtime.repository import Located, Repository


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_a_repository_lists_models_and_versions(tmp_path: Path) -> None:
    expected = [Located(n, v, _file(tmp_path / n / str(v) / "model.onnx")) for n, v in [("a b", 2), ("a b", 10), ("ü", 1)]]
    for other in (
        "ü/01/model.onnx",
        "ü/x/model.onnx",
        "ü/0/model.onnx",
        "ü/²/model.onnx",
        ".saving-1/1/model.onnx",
        "ü/2/other.onnx",
    ):
        _file(tmp_path / other)
    assert Repository(tmp_path).models() == sorted(expected)
    assert Repository(str(tmp_path / "a b")).models() == expected[:2]


def test_files_are_named_after_their_folders_or_themselves(tmp_path: Path) -> None:
    inside = _file(tmp_path / "penguins" / "3" / "model.onnx")
    alone = _file(tmp_path / "flights.v2.onnx")
    assert Repository(inside).models() == [Located("penguins", 3, inside)]
    assert Repository(alone).models() == [Located("flights.v2", 1, alone)]


def test_nothing_found(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ArtifactError, match=r"no model found: expected a .onnx file, or MODEL/VERSION/model.onnx - at "):
            Repository(path).models()
