"""TargetEncoder against scikit-learn: every kind of target and of category, missing and unknown ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same
from palmerpenguins import load_penguins
from sklearn.preprocessing import TargetEncoder

import vajra_onnx as vo

PENGUINS = load_penguins()
COLUMNS = PENGUINS[["island", "sex", "year"]].assign(flipper=PENGUINS["flipper_length_mm"].round(-1))
TARGETS = {
    "continuous": PENGUINS["body_mass_g"].fillna(4000.0) / 7,
    "binary": PENGUINS["species"] == "Gentoo",
    "text": np.where(PENGUINS["species"] == "Gentoo", "ja", "nein"),
    "multiclass": PENGUINS["species"],
}


@pytest.mark.parametrize("smooth", ["auto", 0.0, 3.5])
@pytest.mark.parametrize("kind", TARGETS)
def test_targets(kind: str, smooth: Any) -> None:
    encoder = TargetEncoder(smooth=smooth).fit(COLUMNS, TARGETS[kind])
    unseen = COLUMNS.copy()
    unseen.loc[::3, "island"], unseen.loc[::4, "flipper"] = "Atlantis", 1.5
    assert_same(encoder, COLUMNS)
    assert_same(encoder, COLUMNS, unseen)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, bool])
@pytest.mark.parametrize("kind", ["continuous", "multiclass"])
def test_arrays(dtype: Any, kind: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (200, 3)).astype(dtype)
    y = rng.normal(size=200) if kind == "continuous" else rng.integers(0, 3, 200)
    assert_same(TargetEncoder().fit(x, y), x, (x + 1).astype(dtype))


def test_missing_only_at_inference() -> None:
    known = COLUMNS.dropna()
    encoder = TargetEncoder().fit(known, known["year"] % 2)
    assert_same(encoder, COLUMNS)


def test_given_categories() -> None:
    x = pd.DataFrame({"a": ["x", "y", "z"] * 30, "b": [1, 2, 3] * 30})
    encoder = TargetEncoder([["z", "y", "x", "never"], [1, 2, 3]]).fit(x, np.arange(90) % 7 / 3)
    assert_same(encoder, x)


def test_proved() -> None:
    encoder = TargetEncoder().fit(COLUMNS, TARGETS["multiclass"])
    assert vo.convert(encoder, COLUMNS).certificate.passed
