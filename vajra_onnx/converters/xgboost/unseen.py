"""Frames with categories that the training frame lacked: what XGBoost is meant to do with them, for the proof.

XGBoost 3.3 raises ("Found a category not in the training set"). 3.1 and 3.2 mean to, but take such a category for the next one
in sorted order where there is one (dmlc/xgboost#12193). The graph refuses it, so the original counts as refusing it, too.
"""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from xgboost.core import Booster

from ...frames import read
from ...frames.series import categories
from .categories import Training, training_categories

_known: WeakKeyDictionary[Booster, tuple[Training | None, ...]] = WeakKeyDictionary()


def refuse_unseen(booster: Booster, data: Any) -> None:
    """ValueError for a frame with a categorical column whose categories are not all among those of the training frame."""
    columns = read(data)
    if isinstance(columns, np.ndarray):
        return
    present = {name: found for name, values in columns.items() if (found := categories(values)) is not None}
    if not present:
        return
    for name, training in zip(columns, _training(booster), strict=False):
        if training is None or name not in present:
            continue
        unseen = set(present[name]) - set(training.codes(present[name]))
        if unseen:
            raise ValueError(f"column {name!r}: categories {sorted(map(str, unseen))} are not in the training set")


def _training(booster: Booster) -> tuple[Training | None, ...]:
    if booster not in _known:
        learner = json.loads(booster.save_raw("json"))["learner"]
        cats = learner["gradient_booster"].get("gbtree", learner["gradient_booster"])["model"].get("cats")
        _known[booster] = training_categories(cats, booster.num_features())
    return _known[booster]
