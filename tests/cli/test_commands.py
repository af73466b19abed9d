"""Every command, as a user runs it: output, files, exit codes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from pki import Authority
from serving import running

from vajra_onnx.cli import main
from vajra_onnx.cli.data import head, read_data
from vajra_onnx.errors import VajraError
from vajra_onnx.server import tokens
from vajra_onnx.server.tokens import Tokens


def run(*arguments: str | Path, **settings: Any) -> Result:
    """The command's result; an unforeseen exception is a failure of the test."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], **settings)
    if result.exception is not None and not isinstance(result.exception, SystemExit | VajraError):
        raise result.exception
    return result


@pytest.fixture
def model(files: Path) -> Path:
    """The model's file in the repository."""
    return files / "models" / "penguins" / "1" / "model.onnx"


def test_help_lists_every_command() -> None:
    text = run("--help").output
    for name in ("convert", "validate", "inspect", "predict", "serve", "bench", "demo"):
        assert f"\n  {name} " in text


def test_an_npz_of_several_arrays_holds_the_inputs_of_a_network(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", x=np.arange(3))
    np.savez(tmp_path / "two.npz", x=np.arange(3), text=np.array(["a", "b", "ż"]))
    assert read_data(str(tmp_path / "one.npz")).tolist() == [0, 1, 2]
    two = head(read_data(str(tmp_path / "two.npz")), 2)
    assert {name: values.tolist() for name, values in two.items()} == {"x": [0, 1], "text": ["a", "b"]}


def test_convert_makes_a_repository_and_a_report(files: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    out = tmp_path / "repo" / "penguins"
    result = run(
        "convert", files / "model.joblib", "--trust-pickle", "--sample", files / "rows.csv", "-o", out, "--report", report
    )
    assert result.exit_code == 0, result.output
    assert "0 label flips" in result.output
    assert (out / "1" / "model.onnx").is_file()
    assert (out / "1" / "test_data_set_0" / "input_0.pb").is_file()
    text = report.read_text()
    assert "<svg" in text or "data:image/png" in text
    assert not re.search(r'(src|href)="(?!data:|#)', text), "the page must load nothing from elsewhere"


def test_convert_renames_outputs_and_prints_json(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.onnx"
    result = run(
        "convert", files / "model.joblib", "--trust-pickle", "--sample", files / "rows.csv", "-o", out,
        "--outputs", "predict=label,predict_proba", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    data = json.loads(result.output)
    assert [o["name"] for o in data["certificate"]["outputs"]] == ["label", "predict_proba"]
    assert Path(data["path"]).is_file()


def test_a_pickle_is_not_opened_without_trust(files: Path, tmp_path: Path) -> None:
    result = run("convert", files / "model.joblib", "--sample", files / "rows.csv", "-o", tmp_path / "model.onnx")
    assert result.exit_code == 1
    assert "opening a pickle runs the code inside it" in result.output
    assert "--trust-pickle" in result.output
    assert list(tmp_path.iterdir()) == []


def test_trust_can_come_from_the_environment(files: Path, tmp_path: Path) -> None:
    environment = {"VAJRA_ONNX_TRUST_PICKLE": "1"}
    arguments = ("convert", files / "model.joblib", "--sample", files / "rows.csv", "-o", tmp_path / "model.onnx")
    assert run(*arguments, env=environment).exit_code == 0


def test_wrong_usage_is_exit_code_2(files: Path) -> None:
    assert run("convert", files / "model.joblib").exit_code == 2
    assert run("bench").exit_code == 2
    assert run("nothing").exit_code == 2


@pytest.mark.parametrize("name", ["missing.joblib", "rows.csv"])
def test_a_file_that_is_no_model_is_one_line(files: Path, tmp_path: Path, name: str) -> None:
    result = run("convert", files / name, "--sample", files / "rows.csv", "-o", tmp_path / "m.onnx", "--trust-pickle")
    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert result.output.count("\n") == 1


def test_validate_proves_again(files: Path, model: Path) -> None:
    arguments = ("validate", model, "--against", files / "model.joblib", "--data", files / "rows.csv", "--trust-pickle")
    result = run(*arguments, "--bisect")
    assert result.exit_code == 0, result.output
    assert "0 label flips" in result.output


def test_validate_fails_for_another_model(files: Path, model: Path, fitted: Any, penguins: pd.DataFrame, tmp_path: Path) -> None:
    import joblib
    from sklearn.base import clone

    other = clone(fitted[0]).set_params(randomforestclassifier__random_state=7).fit(fitted[1], penguins["species"])
    joblib.dump(other, tmp_path / "other.joblib")
    result = run("validate", model, "--against", tmp_path / "other.joblib", "--data", files / "rows.csv", "--trust-pickle")
    assert result.exit_code == 1
    assert "error: " in result.output


def test_inspect_shows_schema_and_certificate(model: Path) -> None:
    text = run("inspect", model).output
    assert "bill_length_mm" in text
    assert "predict_proba" in text
    assert "0 label flips" in text
    data = json.loads(run("inspect", model, "--json").output)
    assert data["certificate"]["passed"] is True
    assert [c["name"] for c in data["schema"]["outputs"]] == ["predict", "predict_proba"]


def test_predict_prints_csv_and_json(files: Path, model: Path, fitted: Any) -> None:
    expected = fitted[0].predict(fitted[1]).tolist()
    lines = run("predict", model, files / "rows.csv").output.strip().splitlines()
    assert lines[0] == "predict,predict_proba[0],predict_proba[1],predict_proba[2]"
    assert [line.split(",")[0] for line in lines[1:]] == expected
    rows = [json.loads(line) for line in run("predict", model, files / "rows.csv", "--json").output.strip().splitlines()]
    assert [row["predict"] for row in rows] == expected


def test_predict_refuses_data_of_another_shape(files: Path, model: Path) -> None:
    result = run("predict", model, files / "rows.npy")
    assert result.exit_code == 1
    assert "expected 7 columns, got 2" in result.output


def test_bench_prints_a_table_json_and_a_plot(files: Path, model: Path, tmp_path: Path) -> None:
    arguments = ("bench", model, "--against", files / "model.joblib", "--trust-pickle", "--batch", "1,10")
    result = run(*arguments, "--plot", tmp_path / "plot.png")
    assert result.exit_code == 0, result.output
    assert "dict row" in result.output
    assert (tmp_path / "plot.png").stat().st_size > 5000
    data = json.loads(run(*arguments, "--json").output)
    assert [(r["batch"], r["source"]) for r in data] == [(1, "dict row"), (1, "frame"), (10, "frame")]
    assert all(r["ratio"] > 0 for r in data)


def test_bench_loads_a_server(files: Path, tmp_path: Path) -> None:
    from vajra_onnx.cli.story import running_server

    with running_server(str(files / "models")) as address:
        arguments = ("bench", "--endpoint", address, "--model", "penguins", "--concurrency", "1,4", "--seconds", "0.3")
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        assert run(*arguments, "--plot", tmp_path / "plot.svg").exit_code == 0
    data = json.loads(result.output)
    assert [r["concurrency"] for r in data] == [1, 4]
    assert all(r["errors"] == 0 and r["latency"]["calls"] > 0 for r in data)


def test_bench_shows_who_it_is(files: Path, tmp_path: Path) -> None:
    authority, token, allowed = Authority(tmp_path), tokens.new_token(), tmp_path / "tokens"
    allowed.write_text(tokens.line("bench", token, ["model:penguins"]) + "\n")
    client = authority.client("bench")
    with running(files / "models", transport="grpcio", tls=authority.server(mutual=True), tokens=Tokens(allowed)) as server:
        arguments = ["bench", "--endpoint", server.address, "--model", "penguins", "--concurrency", "1", "--seconds", "0.1"]
        known = [*arguments, "--tls-ca", authority.ca, "--client-cert", client.cert, "--client-key", client.key, "--json"]
        result = run(*known, env={"VAJRA_ONNX_TOKEN": token})
        assert result.exit_code == 0, result.output
        assert json.loads(result.output)[0]["errors"] == 0
        assert "token" in run(*known).output
        assert run(*known, "--token", "two words").exit_code == 2
        assert run(*arguments, "--client-cert", client.cert).exit_code == 2


def test_demo_tells_its_story(tmp_path: Path) -> None:
    result = run("demo", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    steps = ["fit", "convert", "validate", "save", "serve", "query", "compare", "bench"]
    assert [line.split()[0] for line in result.output.splitlines() if line.split()[:1] and line.split()[0] in steps] == steps
    assert "bit for bit: yes" in result.output
    shutil.rmtree(tmp_path / "out")


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_rows_of_json_keep_their_absent_keys(tmp_path: Path, suffix: str) -> None:
    """A DataFrame would make a missing value of an absent key, which is another thing to a model of dicts."""
    import joblib
    from ragged import CLASSES, ROWS
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.pipeline import Pipeline
    from sklearn.tree import DecisionTreeClassifier

    fitted = Pipeline([("d", DictVectorizer()), ("m", DecisionTreeClassifier(max_depth=4))]).fit(ROWS, CLASSES)
    saved, rows, out = tmp_path / "model.joblib", tmp_path / f"rows{suffix}", tmp_path / "model.onnx"
    joblib.dump(fitted, saved)
    rows.write_text("\n".join(map(json.dumps, ROWS)) if suffix == ".jsonl" else json.dumps(ROWS))
    assert run("convert", saved, "--trust-pickle", "--sample", rows, "-o", out).exit_code == 0
    lines = run("predict", out, rows, "--json").output.strip().splitlines()
    assert [json.loads(line)["predict"] for line in lines] == fitted.predict(ROWS).tolist()
    if suffix == ".json":
        assert run("validate", out, "--against", saved, "--trust-pickle", "--data", rows, "--bisect").exit_code == 0
        arguments = ("bench", out, "--against", saved, "--trust-pickle", "--batch", "1,10", "--json")
        assert [r["source"] for r in json.loads(run(*arguments).output)] == ["dict row", "rows", "rows"]
