"""models.toml: what it says is what each model gets, and what it cannot say is refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import matrix, write

from vajra_onnx.errors import ServerError
from vajra_onnx.export import build_model
from vajra_onnx.runtime.session import load
from vajra_onnx.server.config import Config, read_config
from vajra_onnx.server.manager import Manager
from vajra_onnx.server.models import Models
from vajra_onnx.server.settings import Settings
from vajra_onnx.server.versions import Versions, versions

TEXT = """
[defaults]
max_batch_size = 8
threads = 3
concurrency = 2

[models.penguins]
threads = 2
versions = [1, 3]
providers = ["CPUExecutionProvider"]
provider_options.CPUExecutionProvider.use_arena = 1

[models."a b"]
max_delay = 2
arena = false
shrink = true
"""


def config(folder: Path, text: str, **flags: Any) -> Config:
    (folder / "models.toml").write_text(text, encoding="utf-8")
    return read_config(folder, None, flags)


def test_a_models_table_goes_before_flags_and_these_before_defaults(tmp_path: Path) -> None:
    found = config(tmp_path, TEXT, threads=5, queue_limit=7)
    penguins, other = found.of("penguins"), found.of("anything")
    assert (penguins.threads, penguins.max_batch_size, penguins.queue_limit) == (2, 8, 7)
    assert (other.threads, other.max_batch_size, other.versions) == (5, 8, Versions(latest=1))
    assert penguins.versions == Versions(listed=(1, 3))
    assert penguins.session.providers == [("CPUExecutionProvider", {"use_arena": "1"})]
    assert (found.of("a b").max_delay, found.of("a b").arena, found.of("a b").session.shrink) == (2.0, False, True)


def test_without_a_file_there_are_the_flags(tmp_path: Path) -> None:
    assert read_config(tmp_path, None, {}) == Config()
    assert read_config(tmp_path, None, {"threads": 4}).of("m") == Settings(threads=4)
    with pytest.raises(ServerError, match=r"cannot read the configuration: No such file or directory - at .*other.toml"):
        read_config(tmp_path, tmp_path / "other.toml", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model.m]\n", r"unknown table: expected \[defaults\] | \[models.NAME\], got 'model' - at .*models.toml"),
        ("[models.m]\nthread = 1", r"unknown setting: expected threads \| .*, got 'thread' - at .*models.toml: models.m"),
        ("[defaults]\nthreads = 0", r"expected a positive integer, got 0 - at .*models.toml: defaults.threads"),
        ("[defaults]\nthreads = true", "expected a positive integer, got True"),
        ("[defaults]\nqueue_limit = -1", "expected an integer, 0 or more, got -1"),
        ("[defaults]\nmax_delay = nan", "expected a number, 0 or more, got nan"),
        ("[defaults]\nqueue_timeout = '1s'", "expected a number, 0 or more, got '1s'"),
        ("[defaults]\narena = 1", "expected true or false, got 1"),
        ("[defaults]\nproviders = 'CPU'", "expected a list of names, got 'CPU'"),
        ("[defaults]\nprovider_options = {x = 1}", "expected a table of options for each provider"),
        ("[models]\nm = 3", "expected a table, got 3 - at .*models.m"),
        ("[defaults]\nversions = []", r"expected 'latest', 'latest:N', 'all' or a list of versions, got \[\]"),
        ("defaults = [", "not TOML: "),
        ("[defaults]\nthreads = 1\nthreads = 2", "not TOML: Cannot overwrite a value"),
    ],
)
def test_what_it_cannot_say_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ServerError, match=message):
        config(tmp_path, text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("all", Versions()),
        ("latest", Versions(latest=1)),
        ("latest:3", Versions(latest=3)),
        ("2", Versions(listed=(2,))),
        ("1,3", Versions(listed=(1, 3))),
        ([5], Versions(listed=(5,))),
        *((wrong, None) for wrong in ("newest", "latest:0", "latest:x", "1,", "0", "-1", [0], [True], ["1"], 1, {})),
    ],
)
def test_versions(value: Any, expected: Versions | None) -> None:
    if expected is not None:
        assert versions(value, "here") == expected
        return
    with pytest.raises(ServerError, match=r"expected 'latest', .* - at here"):
        versions(value, "here")


@pytest.mark.parametrize("settings", [{}, {"arena": False}, {"shrink": True}, {"threads": 2}, {"threads": 2, "shrink": True}])
def test_sessions_answer_the_same_however_they_are_set_up(tmp_path: Path, settings: dict[str, Any]) -> None:
    file = write(tmp_path, "m", build_model(*matrix())[0])
    models = Models()
    Manager(tmp_path, models, Config(Settings(**settings))).load_all()
    rows = np.random.default_rng(4).normal(size=(1000, 3))
    expected = load(file).run(rows)
    for name, answer in models.find("m", "")[1].run(rows).items():
        np.testing.assert_array_equal(answer, expected[name], strict=True)


def test_a_provider_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "m", build_model(*matrix())[0])
    models = Models()
    Manager(tmp_path, models, Config(Settings(providers=("MoonExecutionProvider",)))).load_all()
    reason = models.of("m")[1].reason
    assert reason.startswith("execution provider: expected ")
    assert "got MoonExecutionProvider" in reason
