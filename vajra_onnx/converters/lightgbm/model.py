"""What a Booster computes with, read from its own text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np

from ...errors import UnsupportedError
from ...graph.trees import Tree
from .text import damaged, integer, sections
from .trees import CATEGORY, Linear, linear, trees

CATEGORIES = "\npandas_categorical:"
PROBES = 16


@dataclass(frozen=True)
class Model:
    """A Booster as data. F: features, K: raw scores of a row, T: trees, a multiple of K; tree t counts for score t % K.

    objective: its name and what follows it, such as "sqrt"; no words for a custom one. sigmoid: the factor of the link.
    average: whether a prediction is the mean of the rounds, as in a random forest. names: [F].
    trees: [T], in the order of summation (see `trees.trees`). linear: [T], the models in the leaves, where there are any.
    categories: of the categorical columns of the training frame, in the order of the columns; None if it was no frame.
    """

    objective: tuple[str, ...]
    sigmoid: float
    n_features: int
    n_outputs: int
    average: bool
    names: tuple[str, ...]
    trees: tuple[Tree, ...]
    linear: tuple[Linear | None, ...]
    categories: tuple[tuple[Any, ...], ...] | None

    @property
    def categorical(self) -> np.ndarray:
        """bool [F]: the features that a split asks for categories."""
        asked = [t.feature[list(t.members)] for t in self.trees if t.members]
        found = np.zeros(self.n_features, bool)
        found[np.concatenate([np.empty(0, np.int64), *asked]) - CATEGORY * self.n_features] = True
        return found


def read(booster: lightgbm.Booster, *, sparse: bool) -> Model:
    """The Booster, up to its best iteration where training stopped early, as `Booster.predict` uses it.

    sparse: whether the rows are those of a sparse matrix (see `trees.trees`).
    """
    model = parse(booster.model_to_string(), sparse=sparse)
    return replace(model, sigmoid=_all_digits(booster, model.sigmoid))


def parse(text: str, *, sparse: bool) -> Model:
    """The model in the text. Raises ArtifactError for damaged text."""
    header, parts = sections(text)
    n_features, n_outputs = integer(header, "max_feature_idx") + 1, integer(header, "num_tree_per_iteration")
    if n_outputs < 1 or len(parts) % n_outputs:
        raise damaged("trees", expected=f"a multiple of {n_outputs}", got=str(len(parts)))
    names = tuple(header.get("feature_names", "").split(" "))
    if len(names) != n_features:
        raise damaged("feature_names", expected=f"{n_features} names", got=str(len(names)))
    if not parts:
        raise UnsupportedError("a model of LightGBM without a tree")
    objective = tuple(word for word in header.get("objective", "").split() if word != "custom")
    return Model(
        objective=objective,
        sigmoid=next((float(word.partition(":")[2]) for word in objective if word.startswith("sigmoid:")), 1.0),
        n_features=n_features,
        n_outputs=n_outputs,
        average="average_output" in header,
        names=names,
        trees=trees(parts, n_features, near_zero=not sparse),
        linear=tuple(linear(part, n_features) for part in parts),
        categories=_categories(text),
    )


def _categories(text: str) -> tuple[tuple[Any, ...], ...] | None:
    """The last line of the text, which the Python package adds."""
    _, found, line = text.rpartition(CATEGORIES)
    listed = json.loads(line.partition("\n")[0]) if found else None
    return None if listed is None else tuple(tuple(categories) for categories in listed)


def _all_digits(booster: lightgbm.Booster, written: float) -> float:
    """The sigmoid with all of its digits: the text has six, which are all that is left of it in a Booster made from text.

    A Booster that was kept after training (`keep_training_booster`) may compute with more: its own answers tell.
    """
    candidates = sorted({written, float((booster.params or {}).get("sigmoid", written))})
    if len(candidates) == 1:
        return written
    rows = np.random.default_rng(0).normal(size=(PROBES, booster.num_feature()))
    raw, value = (booster.predict(rows, raw_score=flag, num_threads=1) for flag in (True, False))
    errors = [np.abs(1 / (1 + np.exp(-factor * raw)) - value).max() for factor in candidates]
    return candidates[int(np.argmin(errors))]
