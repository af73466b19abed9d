"""Artifacts: saved whole or not at all, and verified where they are loaded."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tiny import certify, echo

from vajra_onnx.artifact import Artifact, verify
from vajra_onnx.errors import ArtifactError
from vajra_onnx.frames.missing import NAN
from vajra_onnx.runtime.golden import folder_of
from vajra_onnx.runtime.repository import Repository
from vajra_onnx.runtime.session import Session, load
from vajra_onnx.schema import Column

COLUMNS = (Column("x", "float64", nullable=True), Column("word", "string", nullable=True), Column("n", "int64"))


@dataclass(frozen=True)
class Golden:
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def _golden() -> Golden:
    inputs = {
        "n": np.array([[1], [2], [3]]),
        "x": np.array([[0.1], [np.nan], [np.inf]]),
        "word": np.array([["a"], [NAN], ["é"]], dtype=object),
    }
    return Golden(inputs, {f"out:{name}": array for name, array in inputs.items()})


def _artifact(golden: Golden | None = None, rtol: float | None = None) -> Artifact:
    proto = echo(COLUMNS)
    outputs = [] if rtol is None else [{"name": "out:x", "rtol": rtol, "atol": 0.0}]
    certify(proto, outputs)
    certificate: Any = None
    return Artifact(proto, Session(proto.SerializeToString()).schema, certificate, golden or _golden())


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_directory_becomes_a_model_repository(tmp_path: Path) -> None:
    target = tmp_path / "models" / "penguins"
    first, second = _artifact().save(target), _artifact().save(str(target))
    assert (first, second) == (target / "1" / "model.onnx", target / "2" / "model.onnx")
    sets = [f"test_data_set_0/{kind}_{i}.pb" for kind in ("input", "output") for i in range(3)]
    assert _names(target) == sorted(f"{version}/{name}" for version in (1, 2) for name in ["model.onnx", *sets])
    assert [m.version for m in Repository(tmp_path / "models").models()] == [1, 2]
    assert verify(first) == 3
    assert verify(second, load(second)) == 3


def test_golden_vectors_are_read_by_onnx_in_the_graphs_order(tmp_path: Path) -> None:
    path = _artifact().save(tmp_path / "model")
    graph = onnx.load(path).graph
    for kind, infos in (("input", graph.input), ("output", graph.output)):
        for i, info in enumerate(infos):
            tensor = onnx.TensorProto.FromString((path.parent / "test_data_set_0" / f"{kind}_{i}.pb").read_bytes())
            assert tensor.name == info.name
            expected = _golden().inputs[info.name.removeprefix("out:")]
            got = numpy_helper.to_array(tensor)
            np.testing.assert_array_equal(got.astype(object) if expected.dtype == object else got, expected)


def test_a_file_is_replaced_with_its_vectors(tmp_path: Path) -> None:
    path = tmp_path / "new" / "penguins.onnx"
    assert _artifact().save(path) == path
    assert folder_of(path).name == "penguins.test_data_set_0"
    assert verify(path) == 3
    one = Golden({k: v[:1] for k, v in _golden().inputs.items()}, {k: v[:1] for k, v in _golden().outputs.items()})
    _artifact(one).save(path)
    assert verify(path) == 1
    _artifact(Golden({}, {})).save(path)
    assert verify(path) == 0
    assert _names(path.parent) == ["penguins.onnx"]
    assert os.listdir(path.parent) == ["penguins.onnx"]


def test_nothing_is_left_behind_when_saving_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _artifact().save(tmp_path / "m.onnx")
    before = path.read_bytes(), _names(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for target in (path, tmp_path / "models"):
        with pytest.raises(ArtifactError, match="cannot save the model: No space left on device"):
            _artifact().save(target)
    assert (path.read_bytes(), _names(tmp_path)) == before


def test_what_cannot_be_written_is_an_artifact_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArtifactError, match="cannot save the model"):
        _artifact().save(tmp_path / "file" / "m.onnx")


def test_versions_saved_at_once_do_not_collide(tmp_path: Path) -> None:
    artifact = _artifact()
    threads = [threading.Thread(target=artifact.save, args=(tmp_path / "m",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(os.listdir(tmp_path / "m")) == ["1", "2", "3", "4", "5", "6"]
    assert all(verify(model.path) == 3 for model in Repository(tmp_path).models())


def _with(**changes: np.ndarray) -> Golden:
    golden = _golden()
    return Golden(golden.inputs, golden.outputs | {f"out:{name}": array for name, array in changes.items()})


@pytest.mark.parametrize(
    ("golden", "message"),
    [
        (_with(x=np.array([[0.1], [np.nan], [-np.inf]])), "golden vectors: out:x differs in row 2: expected .*-inf.*, got .*inf"),
        (_with(x=np.array([[0.1 + 1e-8], [np.nan], [np.inf]])), "out:x differs in row 0"),
        (_with(x=np.array([[0.1], [1.0], [np.inf]])), "out:x differs in row 1"),
        (_with(n=np.array([[1], [2], [4]])), "out:n differs in row 2"),
        (_with(word=np.array([["a"], ["nan"], ["é"]], dtype=object)), "out:word differs in row 1"),
        (_with(n=np.array([[1], [2], [3]], np.int32)), r"expected int32 \[3, 1\], got int64 \[3, 1\]"),
        (_with(n=np.array([[1], [2]])), r"expected int64 \[2, 1\], got int64 \[3, 1\]"),
    ],
)
def test_a_difference_is_named(golden: Golden, message: str, tmp_path: Path) -> None:
    path = _artifact(golden).save(tmp_path / "m.onnx")
    with pytest.raises(ArtifactError, match=message):
        verify(path)


def test_the_certificates_tolerance_counts(tmp_path: Path) -> None:
    near = _with(x=np.array([[0.1 * (1 + 1e-6)], [np.nan], [np.inf]]))
    assert verify(_artifact(near, rtol=1e-5).save(tmp_path / "a.onnx")) == 3
    with pytest.raises(ArtifactError, match="out:x differs in row 0"):
        verify(_artifact(near, rtol=1e-7).save(tmp_path / "b.onnx"))


def test_vectors_of_another_model_or_damaged_ones(tmp_path: Path) -> None:
    path = _artifact().save(tmp_path / "m.onnx")
    folder = folder_of(path)
    content = (folder / "output_2.pb").read_bytes()
    (folder / "output_2.pb").write_bytes(content[:-1])
    with pytest.raises(ArtifactError, match=r"output_2.pb"):
        verify(path)
    (folder / "output_2.pb").write_bytes((folder / "input_0.pb").read_bytes())
    with pytest.raises(ArtifactError, match="golden vectors of another model"):
        verify(path)
    (folder / "output_2.pb").write_bytes((folder / "output_0.pb").read_bytes())
    with pytest.raises(ArtifactError, match="'out:x' twice"):
        verify(path)
    (folder / "output_0.pb").unlink()
    with pytest.raises(ArtifactError, match="none of them"):
        verify(path)


def test_a_model_that_was_changed_does_not_verify(tmp_path: Path) -> None:
    path = _artifact().save(tmp_path / "m.onnx")
    proto = onnx.load(path)
    proto.graph.name = "changed"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ArtifactError, match="changed after it was certified"):
        verify(path)
