"""sklearn.neighbors._classification."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics._pairwise_distances_reduction import RadiusNeighborsClassMode
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.refuse import refuse_where
from ....graph.values import constant, constant_like
from ...registry import Output, converts
from ..labels import largest, take
from .base import kneighbors, ordered_sum, uses_reduction, weights_of
from .radius import is_empty, shares, within_radius


@converts(KNeighborsClassifier)
def kneighbors_classifier(model: KNeighborsClassifier, block: Block) -> dict[str, Output | list[Var]]:
    """The weighted vote of the neighbours; a vote that ends level goes to the first class.

    For several outputs `predict` is [N, outputs] and `predict_proba` one [N, K] each. `kneighbors`: distances, indices.
    """
    distance, index = kneighbors(model, block, model._y)
    weights = weights_of(model, distance)
    targets = model._y if model.outputs_2d_ else model._y.reshape(-1, 1)
    classes = model.classes_ if model.outputs_2d_ else [model.classes_]
    votes = [_votes(index, targets[:, i], len(c), weights, model.n_neighbors) for i, c in enumerate(classes)]
    column = constant(np.array([1]))
    probas = [ops.div(v, ops.unsqueeze(ordered_sum(v, len(c)), column)) for v, c in zip(votes, classes, strict=True)]
    # Brute force on equal weights takes the class of the largest probability, all else the class of the most votes.
    labels = [largest(c.astype(classes[0].dtype), v) for c, v in zip(classes, votes, strict=True)]
    columns = [ops.unsqueeze(label, column) for label in labels]
    return {
        "predict": ops.concat(columns, axis=1) if model.outputs_2d_ else labels[0],
        "predict_proba": probas if model.outputs_2d_ else probas[0],
        "kneighbors": list(kneighbors(model, block, ordered=True)),
    }


def _votes(index: Var, target: np.ndarray, classes: int, weights: Var | None, k: int) -> Var:
    """The sum of the weights of the neighbours of each class. target: class indices of the fitted rows -> [N, K]."""
    neighbours = ops.gather(constant(target.astype(np.int64)), index, axis=0)
    last = constant(np.array([2]))
    is_class = ops.equal(ops.unsqueeze(neighbours, last), constant(np.arange(classes)))
    if weights is None:
        return ops.reduce_sum(ops.cast(is_class, to=working(np.float64).type), constant(np.array([1])), keepdims=0)
    shares = ops.where(is_class, ops.unsqueeze(weights, last), constant_like(weights, 0.0))
    return ordered_sum(shares, k)


@converts(RadiusNeighborsClassifier)
def radius_neighbors_classifier(model: RadiusNeighborsClassifier, block: Block) -> dict[str, Output | list[Var]]:
    """The weighted vote of the points within the radius. A row without any is refused, or gets `outlier_label`.

    An outlier label that is no class has probabilities of 0. RadiusNeighborsClassMode, which scikit-learn uses for equal weights
    by brute force, takes `outlier_label` for the number of a class there; `predict` takes it for a label.
    """
    distance, inside = within_radius(model, block)
    empty, weights = is_empty(inside), shares(model, distance, inside)
    if model.outlier_label_ is None:
        message = "RadiusNeighborsClassifier: expected a fitted row within the radius, got a row without any"
        weights = refuse_where(weights, empty, message)
    targets = model._y if model.outputs_2d_ else model._y.reshape(-1, 1)
    classes = model.classes_ if model.outputs_2d_ else [model.classes_]
    outliers = model.outlier_label_ or [None] * len(classes)
    places = [np.flatnonzero(c == o) for c, o in zip(classes, outliers, strict=True)]
    if _by_class_mode(model, block):
        places = [np.flatnonzero([index == model.outlier_label for index in range(len(classes[0]))])]
    answers = [
        _within(weights, empty, targets[:, i], c, o, place)
        for i, (c, o, place) in enumerate(zip(classes, outliers, places, strict=True))
    ]
    column = constant(np.array([1]))
    columns = [ops.unsqueeze(label, column) for label, _ in answers]
    return {
        "predict": ops.concat(columns, axis=1) if model.outputs_2d_ else answers[0][0],
        "predict_proba": [p for _, p in answers] if model.outputs_2d_ else answers[0][1],
    }


def _by_class_mode(model: RadiusNeighborsClassifier, block: Block) -> bool:
    equal = model.weights == "uniform" and model._fit_method == "brute" and not model.outputs_2d_
    return equal and uses_reduction(model, block, RadiusNeighborsClassMode)


def _within(
    weights: Var, empty: Var, target: np.ndarray, classes: np.ndarray, outlier: Any, place: np.ndarray
) -> tuple[Var, Var]:
    """Labels [N] and probabilities [N, K] of one output. place: of the class that rows without neighbours have, or empty."""
    votes = ops.matmul(weights, constant_like(weights, np.eye(len(classes))[target]))
    of_outlier = np.zeros((1, len(classes)))
    of_outlier[0, place] = 1.0
    votes = ops.where(empty, constant_like(votes, of_outlier), votes)
    total = ops.reduce_sum(votes, constant(np.array([1])))
    proba = ops.div(votes, ops.where(ops.equal(total, constant_like(total, 0.0)), constant_like(total, 1.0), total))
    if outlier is None or len(place):
        return largest(classes, proba), proba
    index = ops.arg_max(proba, axis=1, keepdims=0)
    flat = ops.reshape(empty, constant(np.array([-1])))
    return take(np.append(classes, outlier), ops.where(flat, constant(np.int64(len(classes))), index)), proba
