"""CatBoost's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catboost import CatBoost, CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from click.testing import CliRunner
from oblivious import assert_exact, categories, classes, fitted, numbers, target

from vajra_onnx.cli import main
from vajra_onnx.converters.catboost.files import load
from vajra_onnx.errors import ArtifactError
from vajra_onnx.export.files import load_model


def saved(folder: Path, model: CatBoost, suffix: str) -> Path:
    path = folder / f"model.{suffix}"
    model.save_model(str(path), format=suffix)
    return path


@pytest.mark.parametrize("suffix", ["cbm", "json"])
@pytest.mark.parametrize("loss", ["Logloss", "MultiClass", "Poisson", "MultiRMSE", "YetiRank"])
def test_saved_models_come_back_as_the_class_of_their_loss(suffix: str, loss: str, tmp_path: Path) -> None:
    kinds = {"Logloss": CatBoostClassifier, "MultiClass": CatBoostClassifier, "YetiRank": CatBoostRanker}
    kind = kinds.get(loss, CatBoostRegressor)
    labels = {"Logloss": classes(2), "MultiClass": np.array(["b", "a", "c"])[classes()], "YetiRank": classes()}
    options: dict[str, Any] = {"group_id": np.repeat(np.arange(20), 15)} if loss == "YetiRank" else {}
    y = np.stack([target(), -target()], axis=1) if loss == "MultiRMSE" else labels.get(loss, target())
    path = saved(tmp_path, fitted(kind, numbers(), y, loss_function=loss, **options), suffix)
    again = load_model(str(path))
    assert type(again) is kind
    assert_exact(again, numbers(1))


@pytest.mark.parametrize("suffix", ["cbm", "json"])
@pytest.mark.parametrize("policy", ["SymmetricTree", "Lossguide"])
def test_categories_come_back(suffix: str, policy: str, tmp_path: Path) -> None:
    path = saved(tmp_path, fitted(CatBoostRegressor, categories(), target(), grow_policy=policy), suffix)
    assert_exact(load(path), categories(1))


@pytest.mark.parametrize("content", [b"", b"CBM1", b"CBM1" + b"\0" * 100, b"no model at all", None])
def test_damaged_files(content: bytes | None, tmp_path: Path) -> None:
    path = saved(tmp_path, fitted(CatBoostRegressor, numbers(), target()), "cbm")
    path.write_bytes(path.read_bytes()[:-50] if content is None else content)
    with pytest.raises(ArtifactError, match="not a model of CatBoost") as raised:
        load(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("features_info"), "features_info"),
        (lambda d: d["oblivious_trees"][0]["splits"][0].update(split_index=10**6), "a split of CatBoost: expected one of"),
        (lambda d: d["oblivious_trees"][0]["splits"][0].update(split_index=-1), "a split of CatBoost: expected one of"),
        (lambda d: d["oblivious_trees"][0]["leaf_values"].pop(), "cannot reshape"),
        (lambda d: d["ctr_data"].clear(), "without the table of a CTR"),
        (lambda d: next(iter(d["ctr_data"].values()))["hash_map"].pop(), "inhomogeneous|shape"),
    ],
    ids=range(6),
)
def test_damaged_json_never_reaches_the_library(change: Any, message: str, tmp_path: Path) -> None:
    path = saved(tmp_path, fitted(CatBoostRegressor, categories(), target()), "json")
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ArtifactError, match=message):
        load(path)


def test_command_line(tmp_path: Path) -> None:
    """The columns of the sample that are no features are left out."""
    data = categories().rename(columns={"a b": "a"}).assign(city=lambda d: d["city"] + ".")
    path = saved(tmp_path, fitted(CatBoostClassifier, data, classes(2)), "cbm")
    data.assign(label=target())[["label", *data.columns[::-1]]].to_csv(tmp_path / "rows.csv", index=False)
    arguments = ["convert", str(path), "--sample", str(tmp_path / "rows.csv"), "-o", str(tmp_path / "model.onnx")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "converted CatBoostClassifier" in result.output
