"""sklearn.neighbors._classification."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import constant, constant_like
from ...registry import Output, converts
from ..labels import largest
from .base import kneighbors, ordered_sum, weights_of


@converts(KNeighborsClassifier)
def kneighbors_classifier(model: KNeighborsClassifier, block: Block) -> dict[str, Output | list[Var]]:
    """The weighted vote of the neighbours; a vote that ends level goes to the first class.

    For several outputs `predict` is [N, outputs] and `predict_proba` one [N, K] each. `kneighbors`: distances, indices.
    """
    distance, index = kneighbors(model, block)
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
        "kneighbors": [distance, index],
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
