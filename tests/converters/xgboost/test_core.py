"""xgboost.core: the Booster, whose answers come from a DMatrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from compare import assert_same
from splits import at_splits, numbers

EXACT = ["predict", "margin", "apply"]


def target(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.05, 0.95, 300)


def train(labels: np.ndarray, data: Any = None, rounds: int = 9, **parameters: Any) -> xgboost.Booster:
    data = numbers() if data is None else data
    return xgboost.train({"nthread": 1, "max_depth": 3, **parameters}, xgboost.DMatrix(data, labels, nthread=1), rounds)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"objective": "multi:softmax", "num_class": 3},
        {"booster": "dart", "rate_drop": 0.4},
        {"booster": "dart", "rate_drop": 0.4, "objective": "multi:softmax", "num_class": 3},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"base_score": 3.5},
    ],
)
def test_parameters(parameters: dict[str, Any]) -> None:
    labels = (target() * 3).astype(int) if "num_class" in parameters else target()
    booster = train(labels, **parameters)
    assert_same(booster, at_splits(booster, numbers(2), infinite=False), outputs=EXACT)


@pytest.mark.parametrize("objective", ["binary:logistic", "multi:softprob"])
def test_probabilities(objective: str) -> None:
    booster = train((target() * 2).astype(int), objective=objective, **({"num_class": 2} if "multi" in objective else {}))
    data = at_splits(booster, numbers(2), infinite=False)
    assert_same(booster, data, outputs=["margin"])
    assert_same(booster, data, rtol=4 * 2.0**-23)


def test_linear_booster() -> None:
    parameters = {"nthread": 1, "booster": "gblinear"}
    booster = xgboost.train(parameters, xgboost.DMatrix(numbers(), target(), nthread=1), 9)
    assert_same(booster, numbers(2))


@pytest.mark.parametrize("part", [slice(0, 4), slice(3, 7), slice(1, 9, 2)])
def test_slices(part: slice) -> None:
    booster = train((target() * 3).astype(int), objective="multi:softmax", num_class=3)[part]
    assert_same(booster, at_splits(booster, numbers(2), infinite=False), outputs=EXACT)


def test_early_stopped_booster_counts_all_rounds() -> None:
    held_out = xgboost.DMatrix(numbers(4), target(5), nthread=1)
    booster = xgboost.train(
        {"nthread": 1},
        xgboost.DMatrix(numbers(), target(), nthread=1),
        50,
        evals=[(held_out, "valid")],
        early_stopping_rounds=2,
        verbose_eval=False,
    )
    assert booster.best_iteration + 1 < booster.num_boosted_rounds()
    assert_same(booster, numbers(2))


def test_frame_with_its_names() -> None:
    data = pd.DataFrame(numbers(), columns=["f3", "a b", "f0", "é"])
    booster = train(target(), data)
    assert_same(booster, data)
    assert_same(booster, numbers(2))  # an array stands under the booster's own names
