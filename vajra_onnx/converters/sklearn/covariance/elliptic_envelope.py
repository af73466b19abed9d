"""sklearn.covariance._elliptic_envelope."""

from __future__ import annotations

import numpy as np
from sklearn.covariance import EllipticEnvelope

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant, constant_like
from ...registry import Outputs, converts
from .empirical_covariance import mahalanobis


@converts(EllipticEnvelope)
def elliptic_envelope(model: EllipticEnvelope, block: Block) -> Outputs:
    """1 where the negated distance is at least the offset, else -1."""
    distance = mahalanobis(model, block)
    scores = ops.neg(distance)
    decision = ops.sub(scores, constant_like(scores, model.offset_))
    inlier = ops.greater_or_equal(decision, constant_like(decision, 0.0))
    return {
        "predict": ops.where(inlier, constant(np.int64(1)), constant(np.int64(-1))),
        "decision_function": decision,
        "score_samples": scores,
        "mahalanobis": distance,
    }
