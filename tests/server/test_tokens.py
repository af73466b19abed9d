"""The tokens file, the command that writes its lines, and files that are read again."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from vajra_onnx.cli import main
from vajra_onnx.errors import ServerError
from vajra_onnx.server.tokens import Grant, Tokens, line, new_token
from vajra_onnx.server.watched import SECONDS, Watched

DIGEST = hashlib.sha256(b"secret").hexdigest()


def tokens(folder: Path, text: str) -> Tokens:
    (folder / "tokens").write_text(text)
    return Tokens(folder / "tokens")


def test_a_file_of_tokens(tmp_path: Path) -> None:
    found = tokens(tmp_path, f"# who may\n\n  one   sha256:{DIGEST}  model:a-* model:b admin  \n" + line("two", "x", ["model:c"]))
    assert found.grant("secret") == Grant("one", ("a-*", "b"), admin=True)
    assert found.grant("x") == Grant("two", ("c",), admin=False)
    assert found.grant("Secret") is None
    assert found.grant("") is None
    assert found.grant("\ud800\udcff".encode("utf-8", "surrogatepass").decode("latin-1")) is None


@pytest.mark.parametrize(
    ("pattern", "model", "covered"),
    [("*", "x", True), ("a-*", "a-1", True), ("a-*", "b-1", False), ("a", "A", False), ("a", "ab", False), ("?", "ab", False)],
)
def test_patterns(pattern: str, model: str, covered: bool) -> None:
    assert Grant("one", (pattern,), admin=False).covers(model) is covered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected at least one token"),
        ("# nobody", "expected at least one token"),
        (f"one {DIGEST} admin", "line 1: expected NAME sha256:64-HEX-DIGITS SCOPE"),
        (f"\none sha256:{DIGEST[1:]} admin", "line 2: expected"),
        (f"one sha256:{DIGEST}", "line 1: expected"),
        (f"one sha256:{DIGEST} everything", "line 1: expected"),
        (f"one sha256:{DIGEST} admin\ntwo sha256:{DIGEST} admin", "a hash comes twice"),
        (line("one", "a", ["admin"]) + "\n" + line("one", "b", ["admin"]), "a name comes twice: one"),
    ],
)
def test_a_file_that_is_unclear_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ServerError, match=message):
        tokens(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"cannot read .*tokens: No such file"):
        Tokens(tmp_path / "tokens")


def test_tokens_are_long_and_never_the_same() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) >= 43 + len("vajra_") for token in made)


def test_the_command_prints_a_line_that_opens(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["token", "reports", "--model", "penguins", "--model", "credit-*", "--admin", "--json"])
    assert done.exit_code == 0
    made = json.loads(done.stdout)
    assert made["token"] not in made["line"]
    assert tokens(tmp_path, made["line"]).grant(made["token"]) == Grant("reports", ("penguins", "credit-*"), admin=True)
    plain = CliRunner().invoke(main, ["token", "reports"])
    token = plain.stderr.strip().rpartition(" ")[2]
    assert tokens(tmp_path, plain.stdout).grant(token) == Grant("reports", ("*",), admin=False)


@pytest.mark.parametrize("arguments", [["two words"], ["#comment"], ["one", "--model", "a b"], ["one", "--model", ""]])
def test_the_command_refuses_what_a_line_cannot_hold(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["token", *arguments]).exit_code == 2


def test_a_watched_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "number"
    path.write_text("1")
    watched = Watched([path], lambda contents: int(contents[0]))
    assert watched.get() == 1
    for content, value, said in (
        ("2", 2, "read again"),
        ("two", 2, "the old contents stay"),
        (None, 2, "cannot read"),
        ("3", 3, ""),
    ):
        if content is None:
            path.unlink()
        else:
            other = tmp_path / "new"
            other.write_text(content)
            os.replace(other, path)
        time.sleep(SECONDS + 0.05)
        assert watched.get() == value
        assert said in caplog.text
