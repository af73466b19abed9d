"""What a CatBoost model computes with, read from its own JSON, which holds every number with all its digits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from catboost.core import CatBoost

from ...errors import UnsupportedError
from ...graph.trees import Tree
from .ctrs import Ctr, read_ctrs
from .trees import Splits, read_trees

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """A model as data. F: features, K: raw scores of a row, C: columns that the trees look at.

    loss: the name of the loss function. names: [F]. numbers: the features that are numbers, by CatBoost's own count of them;
    large: those of them in which a missing value is larger than every number. categories: the same for categorical features.
    The trees look at one column for each of numbers, one_hots and ctrs, in this order: float32 values; 1.0 where the categorical
    feature has this hash; statistics of categories.
    symmetric: whether the trees are as `graph.symmetric.symmetric_sum` takes them.
    scale, bias: a raw score is the sum of the leaves times scale, plus bias [K]. place: int64 [K], the class of each raw score.
    """

    loss: str
    names: tuple[str, ...]
    numbers: dict[int, int]
    large: frozenset[int]
    categories: dict[int, int]
    one_hots: tuple[tuple[int, int], ...]
    ctrs: tuple[Ctr, ...]
    trees: tuple[Tree, ...]
    symmetric: bool
    scale: float
    bias: np.ndarray
    place: np.ndarray

    @property
    def n_features(self) -> int:
        """F."""
        return len(self.names)


def read(model: CatBoost) -> Model:
    """The model with all its trees. Raises UnsupportedError for text and embedding features."""
    for kind, found in (("text", model.get_text_feature_indices()), ("embedding", model.get_embedding_feature_indices())):
        if found:
            names = ", ".join(repr(model.feature_names_[i]) for i in found)
            raise UnsupportedError(f"{kind} features of CatBoost", expected="numbers and categories", got=names)
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        document: Json = json.loads(path.read_bytes())
    return parse(document, tuple(map(str, model.feature_names_)), model.get_leaf_values())


def parse(document: Json, names: tuple[str, ...], leaf_values: np.ndarray) -> Model:
    """The model in the JSON. names: of all features. leaf_values: of all leaves, see `trees.read_trees`."""
    features, (scale, bias) = document["features_info"], document.get("scale_and_bias") or (1, 0)
    floats = features.get("float_features") or []
    one_hots = [(c["feature_index"], v) for c in features.get("categorical_features") or [] for v in c.get("values") or []]
    one_target = _one_target(document["model_info"])
    ctrs = read_ctrs(features.get("ctrs") or [], document.get("ctr_data") or {}, one_target=one_target)
    used = [f for f in floats if f["borders"]]
    large = frozenset(f["feature_index"] for f in used if f["has_nans"] and f["nan_value_treatment"] == "AsTrue")
    borders = {f["feature_index"]: f["borders"] for f in used}
    splits = Splits.of(borders, one_hots, [c["borders"] for c in features.get("ctrs") or []])
    trees = read_trees(document, splits, leaf_values)
    if not trees:
        raise UnsupportedError("a model of CatBoost without a tree")
    outputs = trees[0].value.shape[1]
    biases = np.ravel(bias or 0.0).astype(np.float64)  # a single one in files of older versions
    return Model(
        loss=_loss(document["model_info"]),
        names=names,
        numbers={f["feature_index"]: f["flat_feature_index"] for f in used},
        large=large,
        categories={c["feature_index"]: c["flat_feature_index"] for c in features.get("categorical_features") or []},
        one_hots=tuple(one_hots),
        ctrs=ctrs,
        trees=trees,
        symmetric=document.get("oblivious_trees") is not None,
        scale=float(scale),
        bias=biases if len(biases) == outputs else np.full(outputs, biases[0]),
        place=_places(document["model_info"], outputs),
    )


def _loss(info: Json) -> str:
    """The name of the loss function, "" where the model does not tell."""
    found: Any = info.get("loss_function") or (info.get("params") or {}).get("loss_function") or {}
    return str(found.get("type", "")) if isinstance(found, Mapping) else str(found)


def _one_target(info: Json) -> bool:
    """Whether there was one target, which all statistics of categories cut in one way, as far as the model tells."""
    loss = _loss(info)
    several = CatBoost._is_multitarget_objective(loss) or CatBoost._is_survivalregression_objective(loss) or "Multi" in loss
    chosen: Json = (info.get("params") or {}).get("cat_feature_params") or {}
    own: Json = chosen.get("per_feature_ctrs") or {}
    options = chain(chosen.get("simple_ctrs") or [], chosen.get("combinations_ctrs") or [], *own.values())
    cuts = {json.dumps(each["target_binarization"], sort_keys=True) for each in options if "target_binarization" in each}
    return len(cuts) == 1 and (not several or loss in ("MultiClass", "MultiClassOneVsAll", "MultiQuantile"))


def _places(info: Json, outputs: int) -> np.ndarray:
    """Where the raw score of each class stands among all classes, of which the training data may have lacked some."""
    labels = (info.get("class_params") or {}).get("class_to_label") or []
    return np.array(labels if len(labels) == outputs > 1 else range(outputs), np.int64)
