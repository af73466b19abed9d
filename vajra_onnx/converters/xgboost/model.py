"""What a Booster computes with, read from its own JSON.

Not from `get_dump`, which rounds thresholds: the JSON holds the shortest text that gives back each float32.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xgboost

from ...errors import UnsupportedError
from ...graph.trees import Tree
from .categories import Training, training_categories

Json = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A Booster as data. F: features, K: outputs of the margin, T: trees.

    booster: "gbtree" | "dart" | "gblinear". objective: its name in XGBoost. base: float32 [K], the margin before the first
    tree. names: the features' names, where the training data had any. categorical: bool [F], where a split asks for
    categories. categories: for each feature the categories of the training frame, or None.
    trees, targets: [T], in the order of summation; of a dart booster, `weights` float32 [T] multiply them.
    linear: float32 [F + 1, K] of a gblinear booster, the bias last.
    """

    booster: str
    objective: str
    base: np.ndarray
    n_features: int
    names: tuple[str, ...] | None
    categorical: np.ndarray
    categories: tuple[Training | None, ...]
    trees: tuple[Tree, ...] = ()
    targets: tuple[int, ...] = ()
    weights: np.ndarray | None = None
    linear: np.ndarray | None = None


def read(booster: xgboost.Booster, rounds: int = 0) -> Model:
    """The Booster, up to this boosting round; 0 stands for all rounds, as in `iteration_range=(0, 0)`."""
    document: Json = json.loads(booster.save_raw("json"))
    learner = document["learner"]
    gradient_booster = learner["gradient_booster"]
    name = gradient_booster["name"]
    n_features = int(learner["learner_model_param"]["num_feature"])
    content = (gradient_booster["gbtree"] if name == "dart" else gradient_booster)["model"]
    model = Model(
        booster=name,
        objective=learner["objective"]["name"],
        base=_base_margin(document),
        n_features=n_features,
        names=tuple(learner.get("feature_names") or ()) or None,
        categorical=np.zeros(n_features, bool),
        categories=training_categories(content.get("cats"), n_features),
    )
    if name == "gblinear":
        linear = np.array(content["weights"], np.float32).reshape(n_features + 1, len(model.base))
        return replace(model, linear=linear)
    if name not in ("gbtree", "dart"):
        raise UnsupportedError("booster of XGBoost", expected="gbtree | dart | gblinear", got=repr(name))
    end = content["iteration_indptr"][rounds] if rounds else len(content["trees"])
    trees = tuple(_tree(t) for t in content["trees"][:end])
    for tree in trees:
        model.categorical[tree.feature[list(tree.members or ())]] = True
    weights = np.array(gradient_booster["weight_drop"], np.float32)[:end] if name == "dart" else None
    return replace(model, trees=trees, targets=tuple(content["tree_info"][:end]), weights=weights)


def _tree(data: Json) -> Tree:
    """One tree. XGBoost sends the members of a categorical split to the right: here its children change places."""
    left, right = np.array(data["left_children"], np.int64), np.array(data["right_children"], np.int64)
    feature, missing_left = np.array(data["split_indices"], np.int64), np.array(data["default_left"], bool)
    threshold = np.array(data["split_conditions"], np.float32)
    width = int(data["tree_param"]["size_leaf_vector"])
    value = _vectors(data, width, left, right) if width > 1 else threshold
    members = {}
    for node, start, size in zip(data["categories_nodes"], data["categories_segments"], data["categories_sizes"], strict=True):
        members[node] = np.array(data["categories"][start : start + size], np.int64)
        left[node], right[node], missing_left[node] = right[node], left[node], not missing_left[node]
    return Tree(left, right, feature, threshold, value, missing_left, members)


def _vectors(data: Json, width: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The leaf vectors [n, K] of a multi-output tree: at each leaf, `right_children` is the row in `leaf_weights` (XGBoost 3.2);
    before, every node had its own row in `base_weights`."""
    if "leaf_weights" not in data:
        return np.array(data["base_weights"], np.float32).reshape(-1, width)
    rows = np.array(data["leaf_weights"], np.float32).reshape(-1, width)
    return np.asarray(rows[np.where(left < 0, right, 0)])


def _base_margin(document: Json) -> np.ndarray:
    """The margin before the first tree, float32 [K]: asked of XGBoost itself, with the same objective and one leaf of 0.

    How `base_score` becomes a margin (logit, log, nothing) differs by objective and version, and logf by C library.
    """
    learner = dict(document["learner"])
    parameters = learner["learner_model_param"]
    if learner["gradient_booster"]["name"] == "gblinear":
        outputs = max(int(parameters["num_class"]), int(parameters.get("num_target", 1)), 1)
        weights = [0.0] * (int(parameters["num_feature"]) + 1) * outputs
        learner["gradient_booster"] = {"name": "gblinear", "model": {"weights": weights, "boosted_rounds": 1}}
    else:
        learner["gradient_booster"] = {"name": "gbtree", "model": _zero_model(int(parameters["num_feature"]))}
    learner["attributes"] = {}
    probe = xgboost.Booster({"nthread": 1})
    probe.load_model(bytearray(json.dumps({**document, "learner": learner}).encode()))
    row = xgboost.DMatrix(np.zeros((1, probe.num_features()), np.float32), nthread=1)
    return np.asarray(probe.predict(row, output_margin=True, validate_features=False)).ravel()


def _zero_model(n_features: int) -> Json:
    """A tree model that adds 0."""
    leaf = {
        "base_weights": [0.0],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [0],
        "id": 0,
        "left_children": [-1],
        "loss_changes": [0.0],
        "parents": [2147483647],
        "right_children": [-1],
        "split_conditions": [0.0],
        "split_indices": [0],
        "split_type": [0],
        "sum_hessian": [0.0],
        "tree_param": {"num_deleted": "0", "num_feature": str(n_features), "num_nodes": "1", "size_leaf_vector": "1"},
    }
    return {
        "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
        "iteration_indptr": [0, 1],
        "tree_info": [0],
        "trees": [leaf],
    }
