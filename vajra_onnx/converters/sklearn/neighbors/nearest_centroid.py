"""sklearn.neighbors._nearest_centroid."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestCentroid
from spox import Var

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant_like
from ...registry import Output, converts
from ..cluster.mean_shift import nearest_center
from ..discriminant_analysis import posterior_outputs
from ..labels import take
from ..metrics.pairwise import expanded_squares, reduced_distances


@converts(NearestCentroid)
def nearest_centroid(model: NearestCentroid, block: Block) -> dict[str, Output]:
    """The class of the nearest centroid where all classes are as likely, else that of the largest discriminant score.

    Scores and probabilities exist for the euclidean metric alone.
    """
    outputs = dict(posterior_outputs(model, _scores(model, block)))
    if np.isclose(model.class_prior_, 1 / len(model.classes_)).all():
        outputs["predict"] = take(model.classes_, _nearest(model, block))
    return outputs if model.metric == "euclidean" else {"predict": outputs["predict"]}


def _nearest(model: NearestCentroid, block: Block) -> Var:
    if model.metric == "euclidean":
        return nearest_center(block, model.centroids_)
    distances = reduced_distances(block.matrix(np.float64), np.asarray(model.centroids_, np.float64), "manhattan")
    return ops.arg_min(distances, axis=1, keepdims=0)


def _scores(model: NearestCentroid, block: Block) -> Var:
    """2 log prior - distance^2 of the rows in units of the deviation within classes. Source: _decision_function. [N, K]."""
    deviation = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)
    wide = block.matrix(np.float64)
    x, centroids = ops.div(wide, constant_like(wide, deviation)), model.centroids_ / deviation
    if model.metric == "euclidean":
        distances = ops.sqrt(expanded_squares(x, centroids))
    else:
        distances = reduced_distances(x, centroids, "manhattan")
    squares = ops.mul(distances, distances)
    with np.errstate(divide="ignore"):
        return ops.sub(constant_like(squares, 2.0 * np.log(model.class_prior_)), squares)
