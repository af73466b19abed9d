"""LightGBM's own files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from leafwise import assert_exact, classes, codes, fitted, frame, numbers, target
from lightgbm import LGBMClassifier, LGBMRegressor

from vajra_onnx.cli import main
from vajra_onnx.converters.lightgbm.files import load
from vajra_onnx.errors import ArtifactError


def saved(folder: Path, **options: bool) -> tuple[Path, str]:
    """A file with linear leaves and categories, and its text."""
    path = folder / "model.txt"
    model = fitted(LGBMRegressor, codes(), target(), categorical=True, linear_tree=True, **options)
    model.booster_.save_model(path)
    return path, path.read_text()


def test_saved_models_come_back(tmp_path: Path) -> None:
    path, text = saved(tmp_path)
    assert_exact(load(path), codes(2))
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert_exact(load(path), codes(2))
    fitted(LGBMClassifier, frame(), classes()).booster_.save_model(path)
    assert_exact(load(path), frame(2))


def test_files_of_older_versions(tmp_path: Path) -> None:
    """What version 2 wrote: fewer keys, the objective under another name."""
    path = tmp_path / "model.txt"
    fitted(LGBMRegressor, numbers(), target(), objective="cross_entropy").booster_.save_model(path)
    lines = (
        path.read_text().replace("version=v4", "version=v2").replace("objective=cross_entropy", "objective=xentropy").split("\n")
    )
    later = ("is_linear=", "leaf_weight=", "internal_weight=", "tree_sizes=", "pandas_categorical")
    path.write_text("\n".join(line for line in lines if not line.startswith(later)))
    assert_exact(load(path), numbers(2))


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ("tree\n", "trees\n", "not a model of LightGBM"),
        ("max_feature_idx=3", "max_feature_idx=0", "feature_names: expected 1 names, got 4"),
        ("split_feature=", "split_feature=9 ", "split_feature: expected 6 numbers, got 7"),
        ("num_leaves=7", "num_leaves=0", "left_child: expected -1 numbers"),
        ("num_leaves=7", "num_leaves=1000000000000", "left_child: expected 999999999999 numbers"),
        ("max_feature_idx=3", "max_feature_idx=x", "max_feature_idx: expected numbers"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=4", "trees: expected a multiple of 4"),
        ("left_child=2", "left_child=0", "children: expected every inner node after its parent"),
        ("left_child=2", "left_child=2 2", "left_child: expected 6 numbers, got 7"),
        ("leaf_value=", "leaf_value=1 ", "leaf_value: expected 7 numbers, got 8"),
        ("num_cat=3", "num_cat=7", "cat_boundaries: expected 8 numbers"),
        ("leaf_features=", "leaf_features=9 ", "leaf_features"),
    ],
)
def test_damaged_files_never_reach_the_library(line: str, other: str, message: str, tmp_path: Path) -> None:
    path, text = saved(tmp_path)
    assert line in text
    path.write_text(text.replace(line, other, 1))
    with pytest.raises(ArtifactError, match=message) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ArtifactError, match="expected text"):
        load(path)


def test_command_line(tmp_path: Path) -> None:
    """The columns of the sample that are no features are left out; a file's text is categorical, as in the training frame."""
    data = pd.DataFrame(numbers(), columns=list("abcd")).assign(d=pd.Categorical(np.array(["low", "mid", "high"])[classes()]))
    fitted(LGBMRegressor, data, target()).booster_.save_model(tmp_path / "model.txt")
    data.assign(label=target())[["label", "b", "a", "d", "c"]].to_csv(tmp_path / "rows.csv", index=False)
    arguments = ["convert", "model.txt", "--sample", "rows.csv", "-o", "model.onnx"]
    result = CliRunner().invoke(main, [a if "." not in a else str(tmp_path / a) for a in arguments])
    assert result.exit_code == 0, result.output
    assert "converted Booster" in result.output
