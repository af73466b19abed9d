"""Versions come and go while a server runs: which are served, when files are taken for whole, and what a bad one changes."""

from __future__ import annotations

import gc
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from serving import Protocol, matrix, with_golden_vectors

from vajra_onnx.client import Client
from vajra_onnx.errors import ArtifactError
from vajra_onnx.export import build_model
from vajra_onnx.server import Server
from vajra_onnx.server.config import Config
from vajra_onnx.server.listener import ModelListener
from vajra_onnx.server.manager import Manager
from vajra_onnx.server.models import Model, Models
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.status import Code, RefusedError
from vajra_onnx.server.versions import Versions
from vajra_onnx.wire.stubs import open_inference_pb2 as pb


@pytest.fixture(scope="module")
def content() -> bytes:
    """The file of the model matrix."""
    return bytes(build_model(*matrix())[0].SerializeToString())


class Folder:
    """A repository with one model, m, and the manager that keeps `models` in step with it."""

    def __init__(self, path: Path, content: bytes, *versions: int, policy: Versions | None = None, **options: Any) -> None:
        self.path, self.content, self.models = path, content, Models()
        for version in versions:
            self.write(version)
        settings = Settings(versions=policy or Versions(latest=1))
        self.manager = Manager(path, self.models, Config(settings), **options)
        self.manager.load_all()

    def write(self, version: int, content: bytes | None = None, name: str = "m") -> Path:
        file = self.path / name / str(version) / "model.onnx"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.content if content is None else content)
        return file

    def ready(self) -> list[int]:
        return [m.version for m in self.models.all() if m.session is not None]

    def looks(self, times: int = 2) -> list[int]:
        for _ in range(times):
            self.manager.look()
        return self.ready()


@pytest.mark.parametrize(
    ("policy", "ready"),
    [
        (Versions(latest=1), [12]),
        (Versions(latest=2), [3, 12]),
        (Versions(), [1, 2, 3, 12]),
        (Versions(listed=(1, 3, 7)), [1, 3]),
    ],
)
def test_the_policy_says_which_versions_are_served(tmp_path: Path, content: bytes, policy: Versions, ready: list[int]) -> None:
    assert Folder(tmp_path, content, 1, 2, 3, 12, policy=policy).ready() == ready


def test_a_new_version_takes_the_place_of_the_old_one(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    folder.write(2)
    assert folder.looks() == [2]
    with pytest.raises(RefusedError, match="unknown version '1' of model 'm': expected 2"):
        folder.models.find("m", "1")


def test_files_that_still_change_are_not_loaded(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    for end in (100, 1000, len(content)):
        folder.write(2, content[:end])
        assert folder.looks(1) == [1]
        assert folder.models.of("m")[2].state == "LOADING"
    assert folder.looks(1) == [2]
    assert folder.models.loads == {("m", "loaded"): 2}


def test_half_a_file_is_refused_and_tried_again_when_it_changes(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    folder.write(2, content[: len(content) // 2])
    assert folder.looks(4) == [1]
    assert folder.models.loads["m", "failed"] == 1  # tried once, not at every look
    assert folder.models.of("m")[2].state == "UNAVAILABLE"
    folder.write(2)
    assert folder.looks() == [2]


def test_one_that_fails_its_golden_vectors_never_serves(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    folder = Folder(tmp_path, content, 1)
    with_golden_vectors(folder.write(2), 1e-3)
    assert folder.looks() == [1]
    assert "golden vectors: predict_proba differs in row 0" in folder.models.of("m")[2].reason
    assert "m 2 is not served: golden vectors: predict_proba differs" in caplog.text
    assert folder.models.loads["m", "replay failed"] == 1
    with_golden_vectors(folder.write(2), 0)
    assert folder.looks() == [2]


def test_new_files_of_a_served_version(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    model, first = folder.models.find("m", "")
    folder.write(1, b"damaged")
    assert folder.looks() == [1]
    assert folder.models.find("m", "") == (model, first)
    assert model.reason.startswith("its new files are not served: not an ONNX model")
    folder.write(1)
    assert folder.looks() == [1]
    again, second = folder.models.find("m", "")
    assert second is not first
    assert again.counts is model.counts


def test_at_the_start_a_bad_version_makes_room_for_an_older_one(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1, 2)
    folder.write(3, b"damaged")
    again = Folder(tmp_path, content)
    assert again.ready() == [2]


def test_models_come_and_go(tmp_path: Path, content: bytes) -> None:
    heard: list[str] = []
    folder = Folder(tmp_path, content, 1, changed=heard.append)
    folder.write(1, name="other")
    folder.looks()
    assert sorted(folder.models.by_name) == ["m", "other"]
    shutil.rmtree(tmp_path / "m")
    folder.looks()
    assert sorted(folder.models.by_name) == ["other"]
    shutil.rmtree(tmp_path / "other")
    folder.looks()  # an empty repository is a disk that is gone rather than a wish
    assert sorted(folder.models.by_name) == ["other"]
    assert {"m", "other"} <= set(heard)


def test_listeners_hear_of_what_is_proved_and_of_what_goes(tmp_path: Path, content: bytes) -> None:
    heard: list[tuple[str, int]] = []

    class Listener:
        def limit_memory(self, megabytes: int) -> None:
            raise AssertionError("nobody asked for a limit")

        def add(self, model: Model, session: Any, data: bytes) -> None:
            assert data == content
            assert model.session is None
            if model.version == 3:
                raise ArtifactError("too much for me")
            heard.append(("add", model.version))

        def remove(self, model: Model) -> None:
            assert model.session is None
            heard.append(("remove", model.version))

    assert isinstance(Listener(), ModelListener)
    folder = Folder(tmp_path, content, 1, listeners=[Listener()])
    folder.write(2)
    folder.looks()
    folder.write(3)
    assert folder.looks() == [2]
    assert heard == [("add", 1), ("add", 2), ("remove", 1)]


def test_a_session_goes_with_its_last_request(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    gc.collect()
    serving = folder.models.serving("m", "")[1]
    there = weakref.ref(serving.session)
    folder.manager.unload("m")
    assert serving.session.run(np.zeros((1, 3)))["predict"].shape == (1,)
    del serving
    assert there() is None


def test_load_and_unload(tmp_path: Path, content: bytes) -> None:
    folder = Folder(tmp_path, content, 1)
    folder.manager.unload("m")
    assert folder.looks() == []  # polling does not bring back what was unloaded
    folder.write(2)
    folder.manager.load("m")
    assert folder.ready() == [2]
    folder.write(3, b"damaged")
    with pytest.raises(RefusedError, match="model 'm' cannot be loaded: version 3: not an ONNX model") as refused:
        folder.manager.load("m")
    assert refused.value.code is Code.FAILED_PRECONDITION
    assert folder.ready() == [2]
    folder.write(3)
    folder.manager.load("m")
    assert folder.ready() == [3]
    for act in (folder.manager.load, folder.manager.unload):
        for name in ("nobody", "../m", "m/1", ""):
            with pytest.raises(RefusedError) as refused:
                act(name)
            assert refused.value.code is Code.NOT_FOUND


@pytest.fixture
def explicit(tmp_path: Path, content: bytes) -> Iterator[tuple[Server, Protocol]]:
    for version in (1, 2):
        (tmp_path / "m" / str(version)).mkdir(parents=True)
        (tmp_path / "m" / str(version) / "model.onnx").write_bytes(content)
    server = Server()
    try:
        server.open(tmp_path, explicit=True).load_all()
        server.announce()
        with grpc.insecure_channel(server.address) as channel:
            yield server, Protocol(channel)
    finally:
        server.stop()


def test_load_and_unload_by_request(explicit: tuple[Server, Protocol]) -> None:
    server, protocol = explicit

    def states() -> list[tuple[str, str]]:
        return [(m.version, m.state) for m in protocol("RepositoryIndex", pb.RepositoryIndexRequest()).models]

    assert states() == [("2", "READY")]
    unload = pb.RepositoryModelUnloadRequest(model_name="m")
    unload.parameters["unload_dependents"].bool_param = False
    protocol("RepositoryModelUnload", unload)
    assert states() == [("2", "UNAVAILABLE")]
    with Client(server.address) as client:
        assert not client.ready("m")
        assert not client.ready()
        protocol("RepositoryModelLoad", pb.RepositoryModelLoadRequest(model_name="m"))
        assert states() == [("2", "READY")]
        assert client.run("m", np.zeros((2, 3)))["predict"].shape == (2,)
    load = pb.RepositoryModelLoadRequest(model_name="m")
    load.parameters["file:1/model.onnx"].bytes_param = b"x"
    assert protocol.refusal("RepositoryModelLoad", load)[0] is grpc.StatusCode.INVALID_ARGUMENT
    load = pb.RepositoryModelLoadRequest(model_name="../m")
    assert protocol.refusal("RepositoryModelLoad", load)[0] is grpc.StatusCode.NOT_FOUND
